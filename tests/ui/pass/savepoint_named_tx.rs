#![deny(warnings)]
//! A savepoint that shadows the transaction.
use outbox::{Event, emit, transactional_event};
use sqlx::{Acquire, PgPool, Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

async fn helper(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut **tx).await.map(drop)
}

#[transactional_event(tx = pool)]
pub async fn opens(pool: &PgPool) -> Result<(), sqlx::Error> {
    helper(&mut **tx).await?;
    helper(tx).await?;
    let mut tx = tx.begin().await?;
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!(Opened { account: 1 });
    tx.commit().await
}

#[transactional_event]
pub async fn joins(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    let mut tx = tx.begin().await?;
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!(Opened { account: 1 });
    tx.commit().await
}

fn main() {}
