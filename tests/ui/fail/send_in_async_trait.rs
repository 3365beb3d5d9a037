use outbox::transactional_event;
use rdkafka::producer::{FutureProducer, FutureRecord};
use sqlx::{Postgres, Transaction};
use std::time::Duration;

#[async_trait::async_trait]
trait Bank {
    async fn open(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error>;
}

struct Ours {
    producer: FutureProducer,
}

#[async_trait::async_trait]
impl Bank for Ours {
    #[transactional_event]
    async fn open(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
        let record = FutureRecord::to("bank.accounts").key("1").payload("x");
        self.producer.send(record, Duration::ZERO).await.ok();
        Ok(())
    }
}

fn main() {}
// gate: send | `self.producer.send(…)` in an `#[async_trait]` method | nets 1, 2, 3
