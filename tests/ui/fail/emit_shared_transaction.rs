//! A transaction that is only borrowed for reading.
use outbox::{Event, emit};
use sqlx::{Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

async fn open(tx: &Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    emit!(tx => Opened { account: 1 });
    Ok(())
}

fn main() {}
