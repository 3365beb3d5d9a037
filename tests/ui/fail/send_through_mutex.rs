//! A send through a lock.
use outbox::transactional_event;
use rdkafka::producer::{BaseProducer, BaseRecord};
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producer: std::sync::Mutex<BaseProducer>,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    app.producer.lock().expect("not poisoned").send(BaseRecord::to("bank.accounts").key("1").payload("x")).ok();
    Ok(())
}

fn main() {}
// gate: send | a send through a lock | nets 1, 2, 3
