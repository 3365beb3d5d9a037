//! A statement on the pool from which the transaction was opened.
use outbox::transactional_event;
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(pool).await?;
    Ok(())
}

fn main() {}
// gate: statement | `.execute(pool)`: the pool that the transaction was opened from | net 1
