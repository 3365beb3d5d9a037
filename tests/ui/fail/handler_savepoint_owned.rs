//! An owned transaction ends with the handler.
use outbox::{Event, emit, transactional_event};
use sqlx::{Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(savepoint)]
async fn open(mut tx: Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    tx.commit().await
}

fn main() {}
