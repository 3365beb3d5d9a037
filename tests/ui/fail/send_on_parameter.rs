use outbox::transactional_event;
use rdkafka::producer::{FutureProducer, FutureRecord};
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, producer: &FutureProducer) -> Result<(), sqlx::Error> {
    let record = FutureRecord::to("bank.accounts").key("1").payload("x");
    producer.send(record, std::time::Duration::ZERO).await.ok();
    Ok(())
}

fn main() {}
// gate: send | `producer.send(…)` on a parameter | nets 1, 2, 3
