use axum::extract::State;
use axum::http::StatusCode;
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[axum::debug_handler]
#[transactional_event(tx = pool)]
async fn open(State(pool): State<PgPool>) -> Result<(), StatusCode> {
    emit!(Opened { account: 1 });
    Ok(())
}

fn main() {}
