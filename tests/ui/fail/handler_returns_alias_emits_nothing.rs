//! A joining handler that emits nothing and returns no `Result`.
use outbox::transactional_event;
use sqlx::{Postgres, Transaction};

type Answer = Option<()>;

#[transactional_event]
async fn open(tx: &mut Transaction<'_, Postgres>) -> Answer {
    sqlx::query("SELECT 1").execute(&mut **tx).await.ok()?;
    Some(())
}

fn main() {}
