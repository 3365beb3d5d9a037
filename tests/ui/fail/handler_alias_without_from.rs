//! An error type without `From`, behind an alias.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[derive(Debug)]
struct BankError;

type BankResult<T> = Result<T, BankError>;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> BankResult<()> {
    emit!(Opened { account: 1 });
    emit!(Opened { account: 2 });
    Ok(())
}

fn main() {}
