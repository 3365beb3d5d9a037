use outbox::transactional_event;
use rdkafka::producer::{FutureProducer, FutureRecord};
use sqlx::PgPool;
use std::time::Duration;
use tokio::sync::Mutex;

struct Clients {
    producers: Vec<FutureProducer>,
    producer: FutureProducer,
}

struct App {
    pool: PgPool,
    clients: Mutex<Clients>,
}

fn record() -> FutureRecord<'static, str, str> {
    FutureRecord::to("bank.accounts").key("1").payload("x")
}

#[transactional_event(tx = app.pool)]
async fn locked(app: &App) -> Result<(), sqlx::Error> {
    app.clients.lock().await.producer.send(record(), Duration::ZERO).await.ok();
    Ok(())
}

#[transactional_event(tx = app.pool)]
async fn one_of_many(app: &App) -> Result<(), sqlx::Error> {
    (&*app.clients.lock().await).producers[0].send(record(), Duration::ZERO).await.ok();
    Ok(())
}

#[transactional_event(tx = app.pool)]
async fn by_path(app: &App) -> Result<(), sqlx::Error> {
    FutureProducer::send(&app.clients.lock().await.producer, record(), Duration::ZERO).await.ok();
    Ok(())
}

fn main() {}
// gate: send | `app.state.lock().await.producer.send(…)`: a field of what a method gives | nets 1, 2, 3
