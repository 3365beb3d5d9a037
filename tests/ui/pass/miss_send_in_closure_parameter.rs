#![deny(warnings)]
//! A closure that sends, made by the caller.
use outbox::transactional_event;
use sqlx::PgPool;

#[transactional_event(tx = pool)]
pub async fn open(pool: &PgPool, announce: impl Fn(&str) + Send + Sync) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    announce("1");
    Ok(())
}

fn main() {}
// gate: send | a closure that sends, taken as a parameter | missed by 1; nets 2, 3
