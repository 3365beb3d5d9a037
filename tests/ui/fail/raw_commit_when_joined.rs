//! Raw SQL that ends the caller's transaction.
use outbox::transactional_event;
use sqlx::{Postgres, Transaction};

#[transactional_event()]
async fn open(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    sqlx::query("end").execute(&mut **tx).await?;
    Ok(())
}

fn main() {}
// gate: statement | raw SQL that ends the caller's transaction | net 1
