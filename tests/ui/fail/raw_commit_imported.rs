//! Raw SQL that commits, by an imported function.
use outbox::transactional_event;
use sqlx::{PgPool, query};

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    query("INSERT INTO a VALUES (1); COMMIT").execute(&mut *tx).await?;
    Ok(())
}

fn main() {}
// gate: statement | raw SQL that commits, by an imported function | net 1
