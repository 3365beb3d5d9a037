#![deny(warnings)]
//! axum handlers: `Result<impl IntoResponse, E>`.
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use outbox::{Event, emit, transactional_event};
use sqlx::{PgPool, Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

pub struct AppError;

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

pub type AppResult<T> = Result<T, AppError>;

#[transactional_event(tx = pool)]
pub async fn opens(State(pool): State<PgPool>) -> Result<impl IntoResponse, AppError> {
    if pool.size() == 0 {
        return Err(sqlx::Error::PoolClosed.into());
    }
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!(Opened { account: 1 });
    Ok("opened")
}

#[transactional_event(tx = pool)]
pub async fn alias(State(pool): State<PgPool>) -> AppResult<impl IntoResponse + use<>> {
    emit!(Opened { account: 1 });
    Ok("opened")
}

#[transactional_event]
pub async fn joins(tx: &mut Transaction<'_, Postgres>) -> Result<impl IntoResponse + use<>, AppError> {
    emit!(Opened { account: 1 });
    Ok("opened")
}

#[transactional_event(tx = pool)]
#[axum::debug_handler]
pub async fn debugged(State(pool): State<PgPool>) -> Result<(), AppError> {
    emit!(Opened { account: 1 });
    Ok(())
}

pub fn router(pool: PgPool) -> axum::Router {
    axum::Router::new()
        .route("/", axum::routing::post(opens))
        .route("/alias", axum::routing::post(alias))
        .with_state(pool)
}

fn main() {}
