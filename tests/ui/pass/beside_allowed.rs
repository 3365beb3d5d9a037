#![deny(warnings)]
//! Statements beside the transaction, with the reason.
use outbox::transactional_event;
use sqlx::{PgPool, Postgres, Transaction};

#[transactional_event(tx = pool, allow(outside_tx, reason = "an audit trail has to stay when the handler fails"))]
pub async fn opened(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(pool).await?;
    let _other = pool.begin().await?;
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    Ok(())
}

#[transactional_event(allow(outside_tx, reason = "reads from the replica"))]
pub async fn joined(pool: &PgPool, tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").fetch_all(pool).await?;
    sqlx::query("SELECT 1").execute(&mut **tx).await?;
    Ok(())
}

fn main() {}
