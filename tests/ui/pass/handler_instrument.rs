#![deny(warnings)]
//! `#[instrument]` above and below, with options.
use outbox::{Event, emit, transactional_event};
use sqlx::{PgPool, Postgres, Transaction};
use tracing::instrument;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[instrument(skip(pool))]
#[transactional_event(tx = pool, retry = 2, isolation = serializable)]
pub async fn above(pool: &PgPool, account: i64, name: String) -> Result<String, sqlx::Error> {
    emit!(Opened { account });
    Ok(name)
}

#[transactional_event(tx = pool, retry = 2)]
#[instrument(skip_all, err)]
pub async fn below(pool: &PgPool, account: i64, name: String) -> Result<String, sqlx::Error> {
    emit!(Opened { account });
    Ok(name)
}

#[instrument(skip_all)]
#[transactional_event(savepoint)]
pub async fn above_joined(tx: &mut Transaction<'_, Postgres>, account: i64) -> Result<(), sqlx::Error> {
    emit!(Opened { account });
    Ok(())
}

#[transactional_event(savepoint)]
#[instrument(skip_all)]
pub async fn below_joined(tx: &mut Transaction<'_, Postgres>, account: i64) -> Result<(), sqlx::Error> {
    emit!(Opened { account });
    Ok(())
}

fn main() {}
