use std::sync::Arc;

use outbox::transactional_event;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, ThreadedProducer};
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producer: Arc<ThreadedProducer<DefaultProducerContext>>,
}

impl App {
    #[transactional_event(tx = self.pool)]
    async fn open(&self) -> Result<(), sqlx::Error> {
        self.producer.send(BaseRecord::to("bank.accounts").key("1").payload("x")).ok();
        Ok(())
    }
}

fn main() {}
// gate: send | `self.producer.send(…)` on a field, also behind `Arc` | nets 1, 2, 3
