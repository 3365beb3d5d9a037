//! A pooled connection of the caller's beside the transaction.
use outbox::transactional_event;
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, conn: &mut PoolConnection<Postgres>) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(&mut **conn).await?;
    Ok(())
}

fn main() {}
// gate: statement | a pooled connection of the caller's beside the transaction | net 1
