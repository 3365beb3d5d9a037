//! What axum can answer is no `Result` yet.
use axum::extract::State;
use axum::http::StatusCode;
use outbox::{Event, emit, transactional_event};
use sqlx::{PgPool, Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = pool)]
async fn open(State(pool): State<PgPool>) -> StatusCode {
    emit!(Opened { account: 1 });
    emit!(Opened { account: 2 });
    StatusCode::OK
}

#[transactional_event]
async fn join(tx: &mut Transaction<'_, Postgres>) -> StatusCode {
    emit!(Opened { account: 1 });
    StatusCode::OK
}

fn main() {}
