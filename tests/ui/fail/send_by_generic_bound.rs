//! A parameter bounded by rdkafka's trait.
use outbox::transactional_event;
use rdkafka::producer::{DefaultProducerContext, Producer};
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open<P: Producer<DefaultProducerContext>>(pool: &PgPool, producer: &P) -> Result<(), sqlx::Error> {
    producer.flush(std::time::Duration::ZERO).ok();
    Ok(())
}

fn main() {}
// gate: send | a parameter bounded by rdkafka's trait | nets 1, 3
