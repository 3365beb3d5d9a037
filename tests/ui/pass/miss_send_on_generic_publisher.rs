#![deny(warnings)]
//! A generic parameter with a bound of the service's own, unregistered.
use outbox::transactional_event;
use sqlx::PgPool;

pub trait Publisher {
    fn publish(&self, topic: &str, payload: &[u8]) -> impl Future<Output = ()> + Send;
}

#[transactional_event(tx = pool)]
pub async fn open<P: Publisher + Sync>(pool: &PgPool, publisher: &P) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    publisher.publish("bank.accounts", b"x").await;
    Ok(())
}

fn main() {}
// gate: send | `publisher.publish(…)` with `P: Publisher` of your own that `deny_raw!` was not told of | missed by 1; net 3
