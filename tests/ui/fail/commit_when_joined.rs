//! A joined transaction is the caller's.
use outbox::transactional_event;
use sqlx::{Postgres, Transaction};

#[transactional_event()]
async fn open(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    tx.commit().await?;
    Ok(())
}

fn main() {}
// gate: statement | `tx.commit()` on the caller's transaction | net 1
