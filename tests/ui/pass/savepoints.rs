#![deny(warnings)]
//! Savepoints: by `begin`, nested, of another name, raw; helpers that take an executor or an `Acquire`.
use outbox::{Event, emit, transactional_event};
use sqlx::{Acquire, PgExecutor, PgPool, Postgres};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

async fn by_executor<'e>(executor: impl PgExecutor<'e>) -> sqlx::Result<()> {
    sqlx::query("SELECT 1").execute(executor).await.map(drop)
}

async fn by_acquire<'a, A: Acquire<'a, Database = Postgres>>(from: A) -> sqlx::Result<()> {
    let mut inner = from.begin().await?;
    sqlx::query("SELECT 1").execute(&mut *inner).await?;
    inner.commit().await
}

#[transactional_event(tx = pool)]
pub async fn all(pool: &PgPool) -> sqlx::Result<()> {
    by_executor(&mut *tx).await?;
    by_acquire(&mut *tx).await?;
    let mut inner = tx.begin().await?;
    by_executor(&mut *inner).await?;
    let mut deeper = inner.begin().await?;
    by_executor(&mut *deeper).await?;
    deeper.rollback().await?;
    inner.commit().await?;
    {
        let mut tx = tx.begin().await?;
        emit!(Opened { account: 1 });
        tx.commit().await?;
    }
    sqlx::query("SAVEPOINT mine").execute(&mut *tx).await?;
    emit!(Opened { account: 2 });
    sqlx::query("ROLLBACK TO mine").execute(&mut *tx).await?;
    Ok(())
}

fn main() {}
