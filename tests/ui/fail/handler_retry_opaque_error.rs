//! An error type that hides the database's error.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[derive(Debug)]
struct BankError;

impl From<sqlx::Error> for BankError {
    fn from(_: sqlx::Error) -> Self {
        Self
    }
}

#[transactional_event(tx = pool, retry = 3)]
async fn open(pool: &PgPool) -> Result<(), BankError> {
    emit!(Opened { account: 1 });
    Ok(())
}

fn main() {}
