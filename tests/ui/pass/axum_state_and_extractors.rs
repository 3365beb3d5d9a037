#![deny(warnings)]
//! axum: state, path, query, headers and body, with an error that is a response.
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[derive(Clone)]
pub struct AppState {
    db: PgPool,
    limit: i64,
}

#[derive(serde::Deserialize)]
pub struct Input {
    amount: i64,
}

#[derive(serde::Serialize)]
pub struct Output {
    balance: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("database")]
    Database(#[from] sqlx::Error),
    #[error("too much")]
    TooMuch,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Database(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::TooMuch => StatusCode::UNPROCESSABLE_ENTITY,
        };
        (status, self.to_string()).into_response()
    }
}

#[transactional_event(tx = state.db)]
async fn deposit(
    State(state): State<AppState>,
    Path(account): Path<i64>,
    headers: HeaderMap,
    Json(Input { amount }): Json<Input>,
) -> Result<(StatusCode, Json<Output>), ApiError> {
    if amount > state.limit || headers.contains_key("x-refuse") {
        return Err(ApiError::TooMuch);
    }
    let balance: i64 = sqlx::query_scalar("UPDATE accounts SET balance = balance + $1 WHERE id = $2 RETURNING balance")
        .bind(amount)
        .bind(account)
        .fetch_one(&mut *tx)
        .await?;
    emit!(Opened { account });
    Ok((StatusCode::CREATED, Json(Output { balance })))
}

#[transactional_event(tx = db)]
async fn touch(Extension(db): Extension<PgPool>, Path((account, _)): Path<(i64, String)>) -> Result<Json<i64>, ApiError> {
    emit!(Opened { account });
    Ok(Json(account))
}

#[transactional_event(tx = state.db)]
#[axum::debug_handler(state = AppState)]
async fn debugged(State(state): State<AppState>, body: String) -> Result<String, ApiError> {
    emit!(Opened { account: state.limit });
    Ok(body)
}

pub fn router(state: AppState) -> Router {
    Router::new()
        .route("/{account}", post(deposit))
        .route("/{account}/{what}", get(touch))
        .route("/", post(debugged))
        .layer(Extension(state.db.clone()))
        .with_state(state)
}

fn main() {}
