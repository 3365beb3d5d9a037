//! An `impl Trait` of rdkafka's.
use outbox::transactional_event;
use rdkafka::producer::{DefaultProducerContext, Producer};
use sqlx::PgPool;

fn helper<T>(_: &T) {}

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, producer: impl Producer<DefaultProducerContext>) -> Result<(), sqlx::Error> {
    helper(&producer);
    Ok(())
}

fn main() {}
// gate: send | an `impl Trait` of rdkafka's | nets 1, 3
