//! A closure that outlives its run in what the handler returns.
use outbox::{Event, emit, transactional_event};
use sqlx::{Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event]
async fn open(tx: &mut Transaction<'_, Postgres>) -> Result<impl Fn(i64), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(|account| emit!(Opened { account }))
}

fn main() {}
