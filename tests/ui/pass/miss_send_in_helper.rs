#![deny(warnings)]
//! A helper that sends: the handler only calls it.
use std::time::Duration;

use outbox::transactional_event;
use rdkafka::producer::{FutureProducer, FutureRecord};
use sqlx::PgPool;

pub struct App {
    pool: PgPool,
    producer: FutureProducer,
}

impl App {
    async fn announce(&self, account: &str) {
        let record = FutureRecord::to("bank.accounts").key(account).payload("x");
        self.producer.send(record, Duration::ZERO).await.ok();
    }
}

#[transactional_event(tx = app.pool)]
pub async fn open(app: &App) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    app.announce("1").await;
    Ok(())
}

fn main() {}
// gate: send | a function or method of the crate that sends, called by the handler | missed by 1; nets 2, 3
