//! Missed: a helper that takes the pool and runs its statements there. Nothing else catches it: give helpers the transaction.
use outbox::transactional_event;
use sqlx::PgPool;

async fn clear(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(pool).await?;
    Ok(())
}

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    clear(pool).await
}

fn main() {}
