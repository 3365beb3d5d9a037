use outbox::transactional_event;
use rdkafka::producer::{FutureProducer, FutureRecord};
use sqlx::PgPool;
use std::time::Duration;

struct App {
    pool: PgPool,
    producer: FutureProducer,
}

macro_rules! producer {
    ($app:expr) => {
        $app.producer
    };
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    let record = FutureRecord::to("bank.accounts").key("1").payload("x");
    producer!(app).send(record, Duration::ZERO).await.ok();
    Ok(())
}

fn main() {}
// gate: send | a send on what a macro gives | nets 1, 2, 3
