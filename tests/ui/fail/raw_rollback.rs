//! Raw SQL that rolls back.
use outbox::transactional_event;
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("-- all of it\nrollback work").execute(&mut *tx).await?;
    Ok(())
}

fn main() {}
// gate: statement | raw SQL that rolls back | net 1
