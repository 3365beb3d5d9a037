//! Raw SQL that commits.
use outbox::transactional_event;
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("COMMIT").execute(&mut *tx).await?;
    Ok(())
}

fn main() {}
// gate: statement | raw SQL that commits | net 1
