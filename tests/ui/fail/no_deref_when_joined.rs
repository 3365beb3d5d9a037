//! A reference to a transaction is no executor.
use outbox::transactional_event;
use sqlx::{Postgres, Transaction};

#[transactional_event()]
async fn open(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(tx).await?;
    Ok(())
}

fn main() {}
