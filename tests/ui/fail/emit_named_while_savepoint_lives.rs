//! The parent of a savepoint that lives.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    let savepoint = tx.begin().await?;
    emit!(tx => Opened { account: 1 });
    savepoint.commit().await?;
    Ok(())
}

fn main() {}
