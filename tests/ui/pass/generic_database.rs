#![deny(warnings)]
//! Generic over the database.
use outbox::{Database, Event, emit, transactional_event};
use sqlx::{Pool, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event]
pub async fn joins<DB: Database>(tx: &mut Transaction<'_, DB>) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

#[transactional_event(tx = pool)]
pub async fn opens<DB: Database>(pool: &Pool<DB>, account: i64) -> Result<(), sqlx::Error> {
    emit!(Opened { account });
    Ok(())
}

fn main() {}
