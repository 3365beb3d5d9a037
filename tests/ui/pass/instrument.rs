#![deny(warnings)]
//! `#[instrument]` above and below.
use outbox::{Event, emit, transactional_event};
use sqlx::{PgPool, Postgres, Transaction};
use tracing::instrument;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[instrument(skip(pool))]
#[transactional_event(tx = pool)]
pub async fn above(pool: &PgPool, account: i64) -> Result<(), sqlx::Error> {
    emit!(Opened { account });
    Ok(())
}

#[transactional_event(tx = pool)]
#[instrument(skip_all, err)]
pub async fn below(pool: &PgPool, account: i64) -> Result<(), sqlx::Error> {
    emit!(Opened { account });
    Ok(())
}

#[instrument(skip_all)]
#[transactional_event]
pub async fn above_joined(tx: &mut Transaction<'_, Postgres>, account: i64) -> Result<(), sqlx::Error> {
    emit!(Opened { account });
    Ok(())
}

#[transactional_event]
#[instrument(skip_all)]
pub async fn below_joined(tx: &mut Transaction<'_, Postgres>, account: i64) -> Result<(), sqlx::Error> {
    emit!(Opened { account });
    Ok(())
}

fn main() {}
