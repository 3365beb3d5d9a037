//! Raw SQL that hands the transaction over.
use outbox::transactional_event;
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("PREPARE TRANSACTION 'a'").execute(&mut *tx).await?;
    Ok(())
}

fn main() {}
// gate: statement | raw SQL that hands the transaction over | net 1
