//! A value for an option that has none.
use outbox::{Event, emit, transactional_event};
use sqlx::{Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(savepoint = true)]
async fn open(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

fn main() {}
