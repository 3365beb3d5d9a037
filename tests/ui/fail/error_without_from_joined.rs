use outbox::{Event, emit, transactional_event};
use sqlx::{Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[derive(Debug)]
struct BankError;

#[transactional_event]
async fn open(tx: &mut Transaction<'_, Postgres>) -> Result<(), BankError> {
    emit!(Opened { account: 1 });
    emit!(Opened { account: 2 });
    Ok(())
}

fn main() {}
