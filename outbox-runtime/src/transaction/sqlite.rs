//! SQLite: BEGIN IMMEDIATE, multi-row inserts of a few fixed sizes, and a check against silent rollbacks.

use std::sync::LazyLock;

use sqlx::sqlite::{Sqlite, SqliteConnection, SqlitePool, SqliteTransactionManager};
use sqlx::{AssertSqlSafe, Connection, Executor, SqlStr, Transaction};
use sqlx_core::transaction::TransactionManager;

use super::executor::executed;
use super::{BeginOptions, Database, tx};
use crate::{Error, Record};

/// Rows of one statement, largest first: few texts, so that the statement cache holds them all.
static INSERTS: LazyLock<[(usize, String); 3]> = LazyLock::new(|| [64, 8, 1].map(|rows| (rows, insert_text(rows))));

impl Database for Sqlite {
    const REFUSES_AFTER_ABORT: bool = false;
    const NESTED_COMMENTS: bool = false;

    const LEVELS_BY_QUEUE: bool = false;

    /// IMMEDIATE: a deferred transaction that reads and then writes fails at once when another one writes, without
    /// waiting for `busy_timeout` (T20). All isolation is serializable here.
    async fn begin(pool: &SqlitePool, _: BeginOptions) -> Result<Transaction<'static, Self>, sqlx::Error> {
        let mut conn = pool.acquire().await?;
        heal(&mut conn).await?;
        // What `pool.begin_with` does once it has a connection.
        Transaction::begin(conn, Some(SqlStr::from_static("BEGIN IMMEDIATE"))).await
    }

    async fn run(conn: &mut SqliteConnection, text: String) -> Result<(), sqlx::Error> {
        conn.execute(sqlx::raw_sql(AssertSqlSafe(text))).await?;
        Ok(())
    }

    async fn insert(conn: &mut SqliteConnection, records: &[Record]) -> Result<(), Error> {
        // Runs between delayed records.
        for run in records.chunk_by(|one, next| one.delay.is_none() == next.delay.is_none()) {
            match run {
                [first, ..] if first.delay.is_some() => {
                    for record in run {
                        insert_delayed(conn, record).await.map_err(refine)?;
                    }
                }
                _ => insert_all(conn, run).await.map_err(refine)?,
            }
        }
        Ok(())
    }

    /// BEGIN fails inside a transaction. Where it succeeds, SQLite had rolled back on its own (`OR ROLLBACK`, a full
    /// disk); the new transaction stays open, so that the caller's rollback finds what it expects, and nothing that
    /// still runs on the connection is committed by itself.
    async fn check(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        match conn.execute(sqlx::raw_sql("BEGIN")).await {
            Err(sqlx::Error::Database(error)) if error.message().contains("within a transaction") => Ok(()),
            Ok(_) => Err(sqlx::Error::Protocol("SQLite had rolled the transaction back".into())),
            Err(error) => Err(error),
        }
    }

    fn says_aborted(_: &sqlx::Error) -> bool {
        false
    }

    /// Codes with which SQLite refuses before it writes the commit: ERROR, ABORT, BUSY, LOCKED, INTERRUPT, CONSTRAINT.
    /// After an I/O error or a full disk, what was written may still be found by recovery.
    fn commit_refused(error: &sqlx::Error) -> bool {
        primary_code(error).is_some_and(|code| matches!(code, 1 | 4 | 5 | 6 | 9 | 19))
    }

    fn connect_problem(error: &sqlx::Error) -> Option<&'static str> {
        match primary_code(error)? {
            14 => Some("the file cannot be opened; check its path and rights, or set `create_if_missing`"),
            26 => Some("the file is not a SQLite database; check its path"),
            _ => None,
        }
    }

    fn address(pool: &SqlitePool) -> String {
        format!("SQLite `{}`", pool.connect_options().get_filename().display())
    }
}

/// A transaction that SQLite rolled back by itself, and whose handler was then dropped, comes back to the pool with sqlx
/// believing that it is open: its ROLLBACK had nothing to roll back. No transaction could begin on it ever again.
async fn heal(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    if tx::depth::<Sqlite>(conn) > 0 {
        // An ordinary rollback may still be on its way to SQLite's thread; the ping's answer comes after it.
        conn.ping().await?;
    }
    if tx::depth::<Sqlite>(conn) > 0 {
        // Gives the ROLLBACK something to roll back, if there is nothing.
        let _ = Sqlite::check(conn).await;
        SqliteTransactionManager::rollback(conn).await?;
    }
    Ok(())
}

fn primary_code(error: &sqlx::Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

fn refine(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Database(said) if said.message().contains("no such table: outbox_") => {
            Error::NotMigrated { source: error }
        }
        _ => Error::Database(error),
    }
}

fn insert_text(rows: usize) -> String {
    let values = vec!["(?, ?, ?, ?, ?)"; rows].join(", ");
    format!("INSERT INTO outbox_log (id, topic, key, headers, payload) VALUES {values}")
}

/// In statements of as many rows as there are fixed sizes for.
async fn insert_all(conn: &mut SqliteConnection, records: &[Record]) -> Result<(), sqlx::Error> {
    let mut rest = records;
    for (rows, text) in INSERTS.iter() {
        while let Some((now, later)) = rest.split_at_checked(*rows) {
            insert(conn, text, now).await?;
            rest = later;
        }
    }
    Ok(())
}

/// A record that is due later.
async fn insert_delayed(conn: &mut SqliteConnection, record: &Record) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO outbox_delayed (due, id, topic, key, headers, payload) \
         VALUES (unixepoch('subsec') + ?, ?, ?, ?, ?, ?)",
    )
    .bind(record.due_in().unwrap_or_default().as_secs_f64())
    .bind(record.id)
    .bind(&*record.topic)
    .bind(record.key.as_deref())
    .bind(record.headers.as_bytes())
    .bind(record.payload.as_deref())
    .execute(conn)
    .await?;
    Ok(())
}

/// `text` is one of [`INSERTS`], with as many rows as there are `records`; rows get their positions in this order.
async fn insert(conn: &mut SqliteConnection, text: &'static str, records: &[Record]) -> Result<(), sqlx::Error> {
    let mut query = sqlx::query(AssertSqlSafe(text));
    for record in records {
        query = query
            .bind(record.id)
            .bind(&*record.topic)
            .bind(record.key.as_deref())
            .bind(record.headers.as_bytes())
            .bind(record.payload.as_deref());
    }
    executed(conn.fetch_many(query)).await?;
    Ok(())
}
