use outbox::transactional_event;
use rdkafka::producer::BaseProducer;
use sqlx::{Postgres, Transaction};

#[async_trait::async_trait]
trait Bank {
    async fn open(&self, tx: &mut Transaction<'_, Postgres>, producer: &BaseProducer) -> Result<(), sqlx::Error>;
}

struct Ours;

#[async_trait::async_trait]
impl Bank for Ours {
    #[transactional_event]
    async fn open(&self, tx: &mut Transaction<'_, Postgres>, producer: &BaseProducer) -> Result<(), sqlx::Error> {
        let _ = producer;
        sqlx::query("SELECT 1").execute(&mut **tx).await?;
        Ok(())
    }
}

fn main() {}
// gate: send | a producer as a parameter of an `#[async_trait]` method | nets 1, 2, 3
