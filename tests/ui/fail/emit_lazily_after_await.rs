//! A lazy iterator that emits after an await.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, accounts: &[i64]) -> Result<(), sqlx::Error> {
    let lazy = accounts.iter().map(|account| emit!(Opened { account: *account }));
    tokio::task::yield_now().await;
    lazy.count();
    Ok(())
}

fn main() {}
