use outbox::transactional_event;
use rdkafka::producer::FutureProducer;
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, producer: &FutureProducer) -> Result<(), sqlx::Error> {
    let _ = producer;
    Ok(())
}

fn main() {}
// gate: send | a producer as a parameter | nets 1, 2, 3
