//! Missed: a send inside of a function that the handler calls. The clippy and cargo-deny presets catch it.
use std::sync::LazyLock;

use outbox::transactional_event;
use rdkafka::producer::{BaseProducer, BaseRecord};
use sqlx::PgPool;

static PRODUCER: LazyLock<BaseProducer> = LazyLock::new(|| unreachable!());

fn announce() {
    PRODUCER.send(BaseRecord::to("bank.accounts").key("1").payload("x")).ok();
}

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    announce();
    Ok(())
}

fn main() {}
