//! `crate = …` that leads nowhere, told once.
use outbox::{Event, emit, transactional_event};
use sqlx::{PgPool, Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = pool, crate = facade::outbox)]
async fn opens(pool: &PgPool) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

#[transactional_event(crate = outboxes)]
async fn joins(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

#[derive(serde::Serialize, Event)]
#[event(name = "bank.closed", version = 1, topic = "bank.accounts", key = account, crate = bank::outbox)]
struct Closed {
    account: i64,
}

fn main() {}
