use outbox::transactional_event;
use rdkafka::producer::FutureRecord;
use sqlx::PgPool;
use std::time::Duration;

mod globals {
    use rdkafka::producer::FutureProducer;
    use std::sync::LazyLock;

    pub static PRODUCER: LazyLock<FutureProducer> = LazyLock::new(|| unreachable!());
}

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    let record = FutureRecord::to("bank.accounts").key("1").payload("x");
    globals::PRODUCER.send(record, Duration::ZERO).await.ok();
    Ok(())
}

fn main() {}
// gate: send | `globals::PRODUCER.send(…)`: a static of a module | nets 1, 2, 3
