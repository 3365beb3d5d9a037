#![deny(warnings)]
//! Transactions and results behind aliases, with lifetimes of their own, by their names in sqlx.
use outbox::{Event, Tx, emit, transactional_event};
use sqlx::{PgPool, Postgres, Sqlite, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

pub type Db<'t> = Transaction<'t, Postgres>;
pub type DbMut<'a, 't> = &'a mut Transaction<'t, Postgres>;
pub type Ours<'t> = Tx<'t, Sqlite>;
pub type AppResult<T = ()> = std::result::Result<T, sqlx::Error>;

#[transactional_event]
pub async fn alias(tx: &mut Db<'_>) -> AppResult {
    emit!(Opened { account: 1 });
    Ok(())
}

#[transactional_event]
pub async fn whole(tx: DbMut<'_, '_>) -> AppResult {
    emit!(Opened { account: 1 });
    Ok(())
}

#[transactional_event]
pub async fn ours(tx: &mut Ours<'_>) -> AppResult<i64> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!(Opened { account: 1 });
    Ok(1)
}

#[transactional_event]
pub async fn lifetimes<'a, 't: 'a>(db: &'a mut sqlx::PgTransaction<'t>, name: &'a str) -> AppResult<&'a str> {
    sqlx::query("SELECT 1").execute(&mut **db).await?;
    emit!(Opened { account: 1 });
    Ok(name)
}

#[transactional_event]
pub async fn owned(mut tx: sqlx::SqliteTransaction<'static>) -> AppResult<sqlx::SqliteTransaction<'static>> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!(Opened { account: 1 });
    Ok(tx)
}

#[transactional_event(tx = pool)]
pub async fn all(pool: &PgPool) -> AppResult {
    alias(tx).await?;
    whole(tx).await?;
    lifetimes(tx, "x").await.map(drop)
}

fn main() {}
