//! Transactions of the store: begun, run and committed in a task of their own, so that nobody can cancel them half-way (T1).

use std::future::Future;
use std::panic::resume_unwind;

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Connection, Sqlite, SqlitePool, Transaction};
use tracing::Instrument;

use super::error::classify;
use super::lease;
use crate::store::{Lease, StoreError};

/// For transactions that write: a deferred one that reads first fails at once when another one writes (T20).
pub(super) const WRITE: &str = "BEGIN IMMEDIATE";
/// For transactions that only read, in one snapshot; they stop no writer.
pub(super) const READ: &str = "BEGIN DEFERRED";
/// `PRAGMA synchronous`: every commit is on the disk.
const FULL: i64 = 2;

/// Runs `work` to its end, whatever becomes of the caller.
pub(super) async fn shielded<T, F>(work: F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>> + Send + 'static,
    T: Send + 'static,
{
    match tokio::spawn(work.in_current_span()).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(error) => Err(StoreError::Database(sqlx::Error::Io(std::io::Error::other(error)))),
        },
    }
}

/// A transaction that writes, if the lease is ours: from here to its end nobody else takes the log.
pub(super) async fn owned<'c>(
    connection: &'c mut PoolConnection<Sqlite>,
    lease: &Lease,
) -> Result<Transaction<'c, Sqlite>, StoreError> {
    let mut tx = connection.begin_with(WRITE).await.map_err(classify)?;
    if lease::is_ours(&mut *tx, lease).await? {
        return Ok(tx);
    }
    tx.rollback().await.map_err(classify)?;
    Err(StoreError::Fenced)
}

/// From here on a commit of this connection waits for the disk. What it was before.
pub(super) async fn synchronous(connection: &mut PoolConnection<Sqlite>) -> Result<i64, StoreError> {
    let before = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut **connection).await.map_err(classify)?;
    if before < FULL {
        set_synchronous(connection, FULL).await?;
    }
    Ok(before)
}

/// As it was before.
pub(super) async fn restore(connection: &mut PoolConnection<Sqlite>, before: i64) -> Result<(), StoreError> {
    if before < FULL { set_synchronous(connection, before).await } else { Ok(()) }
}

async fn set_synchronous(connection: &mut PoolConnection<Sqlite>, level: i64) -> Result<(), StoreError> {
    let level = AssertSqlSafe(format!("PRAGMA synchronous = {level}"));
    sqlx::query(level).execute(&mut **connection).await.map(drop).map_err(classify)
}

/// A connection of the pool that a transaction can begin on.
///
/// One on which SQLite rolled a handler's transaction back by itself still counts as inside of it, and nothing could begin
/// there: it is closed, and the pool opens another.
pub(super) async fn connection(pool: &SqlitePool) -> Result<PoolConnection<Sqlite>, StoreError> {
    loop {
        let connection = pool.acquire().await.map_err(classify)?;
        if !connection.is_in_transaction() {
            return Ok(connection);
        }
        connection.close().await.map_err(classify)?;
    }
}
