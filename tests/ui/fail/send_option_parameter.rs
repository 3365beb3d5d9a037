//! An optional producer.
use outbox::transactional_event;
use rdkafka::producer::BaseProducer;
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, producer: Option<&BaseProducer>) -> Result<(), sqlx::Error> {
    let _ = producer;
    Ok(())
}

fn main() {}
// gate: send | an optional producer | nets 1, 2, 3
