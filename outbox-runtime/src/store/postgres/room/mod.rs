//! Making room: rows of the log go once the *stored* cursor has passed them.
//!
//! A row may go only if it is visible in the stored `prev` (M1). Its position alone says nothing: a late row of a long
//! writer may lie below any of them, unread. In a ring a slot is emptied as one, which leaves no dead row behind whatever
//! transaction is open; in a plain table rows are deleted.

use sqlx::{AssertSqlSafe, PgExecutor};

use super::error::has_code;
use super::layout::{Found, Layout};
use super::low::LowWater;
use super::options::Options;
use crate::qualify::LogPool;
use crate::store::{Lease, StoreError};

mod chunk;
mod compact;
mod grow;
mod plan;
mod ring;
mod truncate;

/// How long a lock is waited for: whoever comes behind waits as well. And how long it is held by a relay that falls silent
/// with it, as its host may have gone: a standby asks for the cursor's table first (A6).
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '5ms'; SET LOCAL idle_in_transaction_session_timeout = '3s'";
/// Whatever the session's default: what is looked at under a lock must be newer than the lock.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
/// SQLSTATE of a lock that was not had in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";
/// SQLSTATE of a statement that took too long.
const QUERY_CANCELED: &str = "57014";
/// SQLSTATE of a connection that the server has ended because it said nothing inside of its transaction.
const IDLE_IN_TRANSACTION: &str = "25P03";
/// SQLSTATE of a missing right.
const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// A statement of a transaction, as it stands.
async fn run(executor: impl PgExecutor<'_>, text: impl Into<String>) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(text.into())).execute(executor).await.map(drop)
}

/// What is remembered between two calls.
#[derive(Debug, Default)]
pub(super) struct Room {
    cleared: chunk::Cleared,
    ring: ring::Ring,
    compact: compact::Compact,
}

/// Removes what may go, a bounded amount; about how many rows.
pub(super) async fn make_room(
    pool: &LogPool,
    found: &Found,
    low: &LowWater,
    room: &Room,
    options: &Options,
    lease: &Lease,
) -> Result<u64, StoreError> {
    let removed = match &*found.get(pool).await? {
        Layout::Plain => chunk::remove(pool, &room.cleared, lease).await,
        Layout::Ring(_) => ring::turn(pool, found, low, &room.ring, options, lease).await,
    };
    compact::if_due(pool, &room.compact, lease).await?;
    removed
}

/// What a transaction under a lock gave up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GaveUp {
    /// Another transaction has the table.
    Busy,
    /// A statement took too long.
    TooLong,
    /// Our role may not.
    Forbidden,
}

/// Runs a transaction in a task of its own: dropped in the middle, its connection would go back to the pool with an open
/// transaction (T1).
async fn shielded<T: Send + 'static>(
    work: impl Future<Output = sqlx::Result<T>> + Send + 'static,
) -> Result<Result<T, GaveUp>, StoreError> {
    match tokio::spawn(work).await {
        Ok(Ok(done)) => Ok(Ok(done)),
        // The second: this process had no time to go on, and nothing is done.
        Ok(Err(error)) if has_code(&error, &[LOCK_NOT_AVAILABLE, IDLE_IN_TRANSACTION]) => Ok(Err(GaveUp::Busy)),
        Ok(Err(error)) if has_code(&error, &[QUERY_CANCELED]) => Ok(Err(GaveUp::TooLong)),
        Ok(Err(error)) if has_code(&error, &[INSUFFICIENT_PRIVILEGE]) => Ok(Err(GaveUp::Forbidden)),
        Ok(Err(error)) => Err(super::error::classify(error)),
        Err(error) => Err(StoreError::Database(sqlx::Error::Io(std::io::Error::other(error)))),
    }
}
