//! A savepoint gets an event after its parent was used, which had ended it.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut savepoint = tx.begin().await?;
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!(savepoint => Opened { account: 1 });
    savepoint.commit().await
}

fn main() {}
