#![deny(warnings)]
//! Raw sends, with the reason.
use outbox::{deny_raw, transactional_event};
use rdkafka::producer::{BaseProducer, BaseRecord};
use sqlx::PgPool;

pub struct Publisher;

impl Publisher {
    pub fn announce(&self) {}
}

deny_raw!(Publisher);

pub struct App {
    pub pool: PgPool,
    pub producer: BaseProducer,
    pub publisher: Publisher,
}

#[transactional_event(tx = app.pool, allow(raw_kafka, reason = "a heartbeat, no event"))]
pub async fn open(app: &App, producer: &BaseProducer) -> Result<(), sqlx::Error> {
    app.producer.send(BaseRecord::to("heartbeats").key("1").payload("x")).ok();
    producer.send(BaseRecord::to("heartbeats").key("1").payload("x")).ok();
    app.publisher.announce();
    tokio::select! {
        () = async { app.producer.send(BaseRecord::to("heartbeats").key("1").payload("x")).ok(); } => {}
    }
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    Ok(())
}

fn main() {}
