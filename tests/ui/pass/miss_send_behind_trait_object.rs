#![deny(warnings)]
//! The service's own publisher, unregistered: nothing about its type says Kafka.
use std::sync::Arc;

use outbox::transactional_event;
use sqlx::PgPool;

#[async_trait::async_trait]
pub trait EventPublisher: Send + Sync {
    async fn publish(&self, topic: &str, payload: &[u8]);
}

pub struct App {
    pool: PgPool,
    publisher: Arc<dyn EventPublisher>,
}

#[transactional_event(tx = app.pool)]
pub async fn open(app: &App) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    app.publisher.publish("bank.accounts", b"x").await;
    Ok(())
}

fn main() {}
// gate: send | `app.publisher.publish(…)` on a publisher of your own that `deny_raw!` was not told of | missed by 1; net 3
