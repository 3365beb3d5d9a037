//! Raw SQL that begins, by the executor's method.
use outbox::transactional_event;
use sqlx::{Executor, PgPool};

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    tx.execute("BEGIN").await?;
    Ok(())
}

fn main() {}
// gate: statement | raw SQL that begins, by the executor's method | net 1
