//! An error type that database errors cannot become.
use outbox::{Event, emit};
use sqlx::{Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

struct BankError;

async fn open(tx: &mut Transaction<'_, Postgres>) -> Result<(), BankError> {
    emit!(tx => Opened { account: 1 });
    Ok(())
}

fn main() {}
