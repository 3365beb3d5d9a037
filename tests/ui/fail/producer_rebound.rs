use outbox::transactional_event;
use rdkafka::producer::BaseProducer;
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, producer: &BaseProducer) -> Result<(), sqlx::Error> {
    let inner = producer;
    let (producer, _receiver) = std::sync::mpsc::channel();
    producer.send(1).ok();
    let _ = inner;
    Ok(())
}

fn main() {}
// gate: send | a producer parameter whose name is bound again | nets 1, 2, 3
