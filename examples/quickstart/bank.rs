//! The bank, written both ways.

use std::path::Path;

use outbox::{Event, emit, transactional_event};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, ThreadedProducer};
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};

use crate::worker::Crash;

/// How a withdrawal reaches Kafka.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Write the database, write Kafka, hope.
    DualWrite,
    /// `#[transactional_event]` and `emit!`.
    Outbox,
}

impl Way {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::DualWrite => "dual_write",
            Self::Outbox => "outbox",
        }
    }

    pub(crate) fn topic(self) -> &'static str {
        match self {
            Self::DualWrite => "bank.accounts.dual-write",
            Self::Outbox => "bank.accounts",
        }
    }
}

#[derive(serde::Serialize, Event)]
#[event(name = "bank.funds-withdrawn", version = 1, topic = "bank.accounts", key = account)]
pub(crate) struct FundsWithdrawn {
    pub(crate) withdrawal: i64,
    pub(crate) account: i64,
    pub(crate) amount: i64,
}

/// The way that loses and invents events: two writes, and a crash may come between them.
pub(crate) async fn withdraw_dual_write(
    pool: &SqlitePool,
    producer: &ThreadedProducer<DefaultProducerContext>,
    event: FundsWithdrawn,
    crash: Crash,
) -> anyhow::Result<()> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    debit(&mut tx, &event).await?;
    let (key, payload) = (event.account.to_string(), serde_json::to_string(&event)?);
    let record = BaseRecord::to(Way::DualWrite.topic()).key(&key).payload(&payload);
    producer.send(record).map_err(|(error, _)| error)?;
    crash.before_commit().await;
    tx.commit().await?;
    crash.after_commit();
    Ok(())
}

/// The same with the outbox: the event is a row of the transaction.
#[transactional_event(tx = pool)]
pub(crate) async fn withdraw(pool: &SqlitePool, event: FundsWithdrawn, crash: Crash) -> Result<(), sqlx::Error> {
    debit(tx, &event).await?;
    emit!(event);
    crash.before_commit().await;
    Ok(())
}

async fn debit(conn: &mut sqlx::SqliteConnection, event: &FundsWithdrawn) -> sqlx::Result<()> {
    sqlx::query("UPDATE accounts SET balance = balance - $1 WHERE id = $2")
        .bind(event.amount)
        .bind(event.account)
        .execute(&mut *conn)
        .await?;
    sqlx::query("INSERT INTO withdrawals (id) VALUES ($1)").bind(event.withdrawal).execute(&mut *conn).await?;
    Ok(())
}

/// Opens the bank's database; makes its tables and the outbox's when they are not there.
pub(crate) async fn open(path: &Path) -> anyhow::Result<SqlitePool> {
    let options =
        SqliteConnectOptions::new().filename(path).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
    let pool = SqlitePool::connect_with(options).await?;
    outbox::migrate(&pool).await?;
    sqlx::raw_sql(
        "CREATE TABLE IF NOT EXISTS accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
         CREATE TABLE IF NOT EXISTS withdrawals (id INTEGER PRIMARY KEY);
         INSERT OR IGNORE INTO accounts VALUES (1, 1000), (2, 1000), (3, 1000);",
    )
    .execute(&pool)
    .await?;
    Ok(pool)
}
