//! A producer out of an option.
use outbox::transactional_event;
use rdkafka::producer::{BaseProducer, BaseRecord};
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producer: Option<BaseProducer>,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    if let Some(producer) = &app.producer {
        producer.send(BaseRecord::to("bank.accounts").key("1").payload("x")).ok();
    }
    Ok(())
}

fn main() {}
// gate: send | a producer out of an option | nets 1, 2, 3
