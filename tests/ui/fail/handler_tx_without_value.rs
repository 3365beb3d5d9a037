//! `tx` without an expression.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!(Opened { account: 1 });
    Ok(())
}

fn main() {}
