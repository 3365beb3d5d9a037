use axum::extract::State;
use axum::response::{IntoResponse, Response};
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

struct AppError;

impl From<sqlx::Error> for AppError {
    fn from(_: sqlx::Error) -> Self {
        Self
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        "no".into_response()
    }
}

#[axum::debug_handler]
#[transactional_event(tx = pool)]
async fn open(State(pool): State<PgPool>) -> Result<(), AppError> {
    emit!(Opened { account: 1 });
    Ok(())
}

fn main() {}
