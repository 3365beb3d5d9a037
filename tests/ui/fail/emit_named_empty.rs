//! A transaction, and no event.
use outbox::{Event, emit};
use sqlx::{Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

async fn open(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    emit!(tx =>);
    Ok(())
}

fn main() {}
