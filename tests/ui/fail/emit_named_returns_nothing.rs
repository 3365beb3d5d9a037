//! A function that cannot fail.
use outbox::{Event, emit};
use sqlx::{Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

async fn open(tx: &mut Transaction<'_, Postgres>) {
    emit!(tx => Opened { account: 1 });
}

fn main() {}
