#![deny(warnings)]
//! Arguments of `retry`: moved, patterns, references, generics, not cloned where not used.
use outbox::{Event, emit, transactional_event};
use axum::extract::State;
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

pub struct NotClone;

#[derive(Clone)]
pub struct App {
    pub pool: PgPool,
    pub name: String,
}

#[transactional_event(tx = pool, retry = 3)]
pub async fn moved(pool: PgPool, names: Vec<String>, mut seen: Vec<String>) -> Result<Vec<String>, sqlx::Error> {
    for name in names {
        seen.push(name);
    }
    emit!(Opened { account: 1 });
    drop(pool);
    Ok(seen)
}

#[transactional_event(tx = app.pool, retry = 3)]
pub async fn patterns(
    State(app): State<App>,
    (a, mut b): (i64, i64),
    &c: &i64,
    [d, ..]: [i64; 2],
    _: NotClone,
    _unused: NotClone,
) -> Result<String, sqlx::Error> {
    b += 1;
    emit!(Opened { account: a + b + c + d });
    Ok(app.name)
}

#[transactional_event(tx = pool, retry = 3)]
pub async fn references(pool: &PgPool, count: &mut i64, name: &str, log: &mut Vec<String>) -> Result<(), sqlx::Error> {
    *count += 1;
    take(log);
    log.push(format!("{name}"));
    emit!(Opened { account: *count });
    Ok(())
}

fn take(log: &mut Vec<String>) {
    log.clear();
}

#[transactional_event(tx = pool, retry = 3)]
pub async fn generic<T, const N: usize>(pool: &PgPool, ids: [T; N], more: impl Into<i64> + Clone) -> Result<(), sqlx::Error>
where
    T: Into<i64> + Clone,
{
    for id in ids {
        emit!(Opened { account: id.into() });
    }
    emit!(Opened { account: more.into() });
    Ok(())
}

#[transactional_event(tx = pool, retry = 3)]
pub async fn in_texts(pool: &PgPool, name: String, width: usize) -> Result<String, sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(format!("{name:>width$}"))
}

fn is_send<T: Send>(_: T) {}

pub fn futures_are_send(pool: &PgPool) {
    is_send(generic(pool, [1], 2));
    is_send(in_texts(pool, String::new(), 1));
}

fn main() {}
