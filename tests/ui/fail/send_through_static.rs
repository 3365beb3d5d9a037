//! A send through a static.
use outbox::transactional_event;
use std::sync::LazyLock;

use rdkafka::producer::{BaseProducer, BaseRecord};
use sqlx::PgPool;

static PRODUCER: LazyLock<BaseProducer> = LazyLock::new(|| unreachable!());

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    PRODUCER.send(BaseRecord::to("bank.accounts").key("1").payload("x")).ok();
    Ok(())
}

fn main() {}
// gate: send | a send through a static | nets 1, 2, 3
