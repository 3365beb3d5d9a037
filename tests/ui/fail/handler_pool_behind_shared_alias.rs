//! A pool behind `&` and an alias.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

type Db = PgPool;

#[transactional_event]
async fn open(tx: &Db) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

fn main() {}
