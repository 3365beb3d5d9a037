//! Missed: an executor parameter that the caller fills with a pool; it may be anything.
use outbox::transactional_event;
use sqlx::{Executor, PgPool, Postgres};

#[transactional_event(tx = pool)]
async fn open<'e, E: Executor<'e, Database = Postgres>>(pool: &PgPool, executor: E) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(executor).await?;
    Ok(())
}

fn main() {}
// gate: statement | an executor parameter that the caller fills with a pool | missed
