//! An exception needs its reason.
use outbox::transactional_event;
use rdkafka::producer::{BaseProducer, BaseRecord};
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producer: BaseProducer,
}

#[transactional_event(tx = app.pool, allow(raw_kafka))]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    app.producer.send(BaseRecord::to("bank.accounts").key("1").payload("x")).ok();
    Ok(())
}

fn main() {}
