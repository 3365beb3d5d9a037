#![deny(warnings)]
//! axum: the state behind an `Arc`, a whole state as the extractor's field.
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use outbox::{Event, emit, transactional_event};
use sqlx::SqlitePool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

pub struct App {
    pool: SqlitePool,
}

pub struct Failed;

impl From<sqlx::Error> for Failed {
    fn from(_: sqlx::Error) -> Self {
        Self
    }
}

impl axum::response::IntoResponse for Failed {
    fn into_response(self) -> axum::response::Response {
        axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

#[transactional_event(tx = app.pool)]
async fn open(app: State<Arc<App>>) -> Result<&'static str, Failed> {
    emit!(Opened { account: 1 });
    Ok("opened")
}

#[transactional_event(tx = app.pool)]
async fn again(State(app): State<Arc<App>>) -> Result<String, Failed> {
    let rows = sqlx::query("SELECT 1").fetch_all(&mut *tx).await?;
    emit!(Opened { account: i64::try_from(rows.len()).unwrap_or(0) });
    Ok(format!("{} connections", app.pool.size()))
}

pub fn router(app: Arc<App>) -> Router {
    Router::new().route("/", post(open)).route("/again", post(again)).with_state(app)
}

fn main() {}
