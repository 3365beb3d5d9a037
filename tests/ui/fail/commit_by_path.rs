//! The same by the type's path.
use outbox::transactional_event;
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::Transaction::commit(tx).await?;
    Ok(())
}

fn main() {}
// gate: statement | `Transaction::commit(tx)`: a commit by the type's path | net 1
