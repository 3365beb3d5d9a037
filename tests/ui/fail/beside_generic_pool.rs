//! A pool of any database.
use outbox::transactional_event;
use sqlx::{PgPool, Pool, Postgres};

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, other: &Pool<Postgres>) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(other).await?;
    Ok(())
}

fn main() {}
// gate: statement | a pool of any database | net 1
