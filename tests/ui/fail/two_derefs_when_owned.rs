//! An owned transaction needs one deref.
use outbox::transactional_event;
use sqlx::{Postgres, Transaction};

#[transactional_event()]
async fn open(mut tx: Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut **tx).await?;
    Ok(())
}

fn main() {}
