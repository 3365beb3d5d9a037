//! A closure that is not async, in a statement that waits.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

async fn later(_: impl Fn(i64)) {}

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    later(|account| emit!(Opened { account })).await;
    Ok(())
}

fn main() {}
