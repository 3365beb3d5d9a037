#![deny(warnings)]
//! Every option, alone and together.
use outbox::{Event, emit, transactional_event};
use outbox::Tx;
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

const RETRIES: u32 = 2;

#[transactional_event(tx = pool, isolation = serializable)]
pub async fn serializable(pool: &PgPool) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

#[transactional_event(tx = pool, isolation = repeatable_read, retry = RETRIES + 1, independent)]
pub async fn together(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!(Opened { account: 1 });
    Ok(())
}

#[transactional_event(tx = pool, isolation = read_committed, crate = outbox, retry = { const N: u32 = 2; N })]
pub async fn sqlite(pool: SqlitePool) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

#[transactional_event(savepoint)]
pub async fn plain(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut **tx).await?;
    emit!(Opened { account: 1 });
    Ok(())
}

#[transactional_event(savepoint)]
pub async fn ours(tx: &mut Tx<'_, Sqlite>, fails: bool) -> anyhow::Result<i64> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    anyhow::ensure!(!fails, "no");
    emit!(Opened { account: 1 });
    Ok(1)
}

pub type Db<'t> = Transaction<'t, Postgres>;

#[transactional_event(savepoint)]
pub async fn alias(mut tx: &mut Db<'_>) -> Result<(), sqlx::Error> {
    tx = &mut *tx;
    emit!(Opened { account: 1 });
    plain(tx).await
}

#[transactional_event(savepoint)]
pub async fn generic<DB: outbox::Database>(db: &mut Transaction<'_, DB>) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

fn is_send<T: Send>(_: T) {}

pub fn futures_are_send(pool: &PgPool, tx: &mut Db<'_>) {
    is_send(together(pool));
    is_send(plain(tx));
    is_send(generic(tx));
}

fn main() {}
