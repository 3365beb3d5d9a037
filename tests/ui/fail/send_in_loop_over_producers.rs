//! A send through each of many.
use outbox::transactional_event;
use rdkafka::producer::{BaseProducer, BaseRecord};
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producers: Vec<BaseProducer>,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    for producer in &app.producers {
        producer.send(BaseRecord::to("bank.accounts").key("1").payload("x")).ok();
    }
    Ok(())
}

fn main() {}
// gate: send | a send through each of many | nets 1, 2, 3
