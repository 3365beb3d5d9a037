//! A pattern binds `tx`, and so does the attribute.
use outbox::{Event, emit, transactional_event};
use axum::extract::State;
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = pool)]
async fn open(State(pool): State<PgPool>, State(tx): State<i64>) -> Result<(), sqlx::Error> {
    emit!(Opened { account: tx });
    Ok(())
}

fn main() {}
