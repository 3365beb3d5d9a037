//! The `kafka` crate's producer, as a parameter.
use kafka::producer::Producer;
use outbox::transactional_event;
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, producer: &mut Producer) -> Result<(), sqlx::Error> {
    let _ = producer;
    Ok(())
}

fn main() {}
// gate: send | the `kafka` crate's producer, as a parameter | nets 1, 2, 3
