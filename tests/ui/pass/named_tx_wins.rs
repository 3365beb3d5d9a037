#![deny(warnings)]
//! Two transactions: events go to the one named `tx`.
use outbox::{Event, emit, transactional_event};
use sqlx::{Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event]
pub async fn copy(from: &mut Transaction<'_, Postgres>, tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut **from).await?;
    sqlx::query("SELECT 1").execute(&mut **tx).await?;
    emit!(Opened { account: 1 });
    Ok(())
}

pub type Db<'t> = Transaction<'t, Postgres>;

#[transactional_event]
pub async fn hidden(from: &mut Transaction<'_, Postgres>, tx: &mut Db<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut **from).await?;
    emit!(Opened { account: 1 });
    Ok(())
}

fn main() {}
