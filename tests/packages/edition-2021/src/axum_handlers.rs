//! axum handlers.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use outbox::{emit, transactional_event};
use sqlx::PgPool;

use crate::Opened;

/// An error that is a response.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The database's.
    #[error("database")]
    Database(#[from] sqlx::Error),
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.to_string().into_response()
    }
}

/// # Errors
/// The database's.
#[transactional_event(tx = pool)]
pub async fn open(State(pool): State<PgPool>) -> Result<impl IntoResponse, ApiError> {
    emit!(Opened { account: 1 });
    Ok("opened")
}

/// All of them.
pub fn router(pool: PgPool) -> axum::Router {
    axum::Router::new().route("/", axum::routing::post(open)).with_state(pool)
}
