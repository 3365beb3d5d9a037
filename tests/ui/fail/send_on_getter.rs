use outbox::transactional_event;
use rdkafka::producer::{FutureProducer, FutureRecord};
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producer: FutureProducer,
}

impl App {
    fn producer(&self) -> &FutureProducer {
        &self.producer
    }

    #[transactional_event(tx = self.pool)]
    async fn open(&self) -> Result<(), sqlx::Error> {
        let record = FutureRecord::to("bank.accounts").key("1").payload("x");
        self.producer().send(record, std::time::Duration::ZERO).await.ok();
        Ok(())
    }
}

fn main() {}
// gate: send | `self.producer().send(…)` on the result of a getter | nets 1, 2, 3
