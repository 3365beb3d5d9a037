//! A generic argument without `Clone`.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = pool, retry = 3)]
async fn open<T: Into<i64>>(pool: &PgPool, account: T) -> Result<(), sqlx::Error> {
    emit!(Opened { account: account.into() });
    Ok(())
}

fn main() {}
