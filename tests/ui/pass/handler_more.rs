#![deny(warnings)]
//! Lifetimes, opaque returns and bounds, with `retry` and `savepoint`.
use outbox::{Event, emit, transactional_event};
use axum::response::{IntoResponse, Response};
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

impl outbox::Retryable for AppError {
    fn is_retryable(&self) -> bool {
        false
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        "no".into_response()
    }
}

pub type AppResult<T> = Result<T, AppError>;

#[transactional_event(tx = pool, retry = 1)]
pub async fn alias(pool: PgPool) -> AppResult<impl IntoResponse + use<>> {
    emit!(Opened { account: 1 });
    if pool.size() == 0 {
        return Err(AppError);
    }
    Ok("opened")
}

#[transactional_event(savepoint)]
pub async fn opaque(tx: &mut Transaction<'_, Postgres>) -> Result<impl IntoResponse + use<>, AppError> {
    emit!(Opened { account: 1 });
    Ok("opened")
}

#[transactional_event(tx = pool, retry = 1)]
pub async fn borrowed<'a>(pool: &PgPool, name: &'a str) -> Result<&'a str, sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(name)
}

#[transactional_event(tx = pool, retry = 1)]
pub async fn closures<F, R>(pool: &PgPool, make: F) -> Result<R, sqlx::Error>
where
    F: Fn(i64) -> R + Clone,
{
    let ids = [1, 2].map(|id| id + 1);
    for id in ids {
        emit!(Opened { account: id });
    }
    Ok(make(1))
}

#[transactional_event(tx = pool, retry = u32::MAX)]
pub async fn only_questions(pool: &PgPool, id: i64) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
    let row: Option<(i64,)> = sqlx::query_as("SELECT $1").bind(id).fetch_optional(&mut *tx).await?;
    let Some((id,)) = row else { return Ok(false) };
    emit!(Opened { account: id });
    Err("always")?
}

fn main() {}
