//! Raw SQL that starts a transaction.
use outbox::transactional_event;
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("START TRANSACTION READ ONLY").execute(&mut *tx).await?;
    Ok(())
}

fn main() {}
// gate: statement | raw SQL that starts a transaction | net 1
