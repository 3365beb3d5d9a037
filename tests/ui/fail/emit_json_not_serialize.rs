//! A payload that cannot become JSON.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

struct Plain;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    emit!(topic = "bank.accounts", type = "bank.opened", json = Plain);
    Ok(())
}

fn main() {}
