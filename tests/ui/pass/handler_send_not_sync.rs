#![deny(warnings)]
//! Arguments that are `Send` and not `Sync`, and only looked at: the future stays `Send`.
use std::cell::Cell;
use std::sync::mpsc::Receiver;

use axum::extract::{Request, State};
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

#[transactional_event(tx = pool)]
pub async fn request(State(pool): State<PgPool>, request: Request) -> Result<String, AppError> {
    let path = request.uri().path().to_owned();
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!(Opened { account: 1 });
    Ok(path)
}

#[transactional_event(tx = pool, retry = 1)]
pub async fn cell(pool: &PgPool, cell: Cell<i64>, (mut a, b): (i64, Cell<i64>)) -> Result<i64, sqlx::Error> {
    a += cell.get() + b.get();
    emit!(Opened { account: a });
    Ok(a)
}

#[transactional_event(savepoint)]
pub async fn joins(tx: &mut Transaction<'_, Postgres>, queue: Receiver<i64>) -> Result<(), sqlx::Error> {
    let account = queue.recv().unwrap_or_default();
    emit!(Opened { account });
    Ok(())
}

#[transactional_event(tx = pool)]
pub async fn moved(pool: PgPool, mut names: Vec<String>, f: Box<dyn Fn(&str) -> i64 + Send>) -> Result<i64, sqlx::Error> {
    names.push(String::new());
    let account = f(&names[0]);
    emit!(Opened { account });
    std::thread::spawn(move || drop(names));
    Ok(account)
}

fn is_send<T: Send>(_: T) {}

pub fn futures_are_send(pool: &PgPool, tx: &mut Transaction<'_, Postgres>, queue: Receiver<i64>) {
    is_send(cell(pool, Cell::new(1), (1, Cell::new(1))));
    is_send(joins(tx, queue));
    is_send(moved(pool.clone(), Vec::new(), Box::new(|_| 1)));
}

pub fn router(pool: PgPool) -> axum::Router {
    axum::Router::new().route("/", axum::routing::post(request)).with_state(pool)
}

fn main() {}
