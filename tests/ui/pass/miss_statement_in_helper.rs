#![deny(warnings)]
//! A helper that takes the pool.
use outbox::transactional_event;
use sqlx::PgPool;

async fn log(pool: &PgPool, text: &str) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO logs VALUES ($1)").bind(text).execute(pool).await.map(drop)
}

#[transactional_event(tx = pool)]
pub async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    log(pool, "opened").await
}

fn main() {}
// gate: statement | `helper(pool)`: the statement is in a function that takes the pool | missed
