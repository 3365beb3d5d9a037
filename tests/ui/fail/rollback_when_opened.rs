//! `Err` rolls back.
use outbox::transactional_event;
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    tx.rollback().await?;
    Ok(())
}

fn main() {}
// gate: statement | `tx.rollback()` in a handler that opens | net 1
