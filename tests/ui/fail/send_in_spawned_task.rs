//! A send in a task.
use outbox::transactional_event;
use rdkafka::producer::{BaseProducer, BaseRecord};
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producer: std::sync::Arc<BaseProducer>,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    let producer = app.producer.clone();
    tokio::spawn(async move { producer.send(BaseRecord::to("bank.accounts").key("1").payload("x")).is_ok() });
    Ok(())
}

fn main() {}
// gate: send | a send in a task | nets 1, 2, 3
