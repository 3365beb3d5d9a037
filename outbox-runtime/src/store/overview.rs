//! A log at a glance, for operators.

use std::time::{Duration, SystemTime};

use uuid::Uuid;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
use super::StoreError;

/// A log at a glance, for operators. No count of rows is made for it: numbers are differences of positions.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// Token of the relay that owns the log; `None`: nobody does.
    pub owner: Option<Uuid>,
    /// Grows by one with every take-over.
    pub epoch: i64,
    /// Time until the lease ends, by the database's clock.
    pub lease_remaining: Duration,
    /// At most so many records wait to be published: positions behind the settled ones, gaps included.
    pub backlog_records: u64,
    /// Age of the first record that waits, from the time in its id.
    pub oldest_pending: Option<Duration>,
    /// Parked records with a verdict.
    pub failed: u64,
    /// Parked records that follow one, or wait for their topic.
    pub auto: u64,
    /// Time until the next delayed record is due; zero when it is overdue.
    pub next_due: Option<Duration>,
}

/// How far publishing is behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lag {
    /// As [`Overview::backlog_records`].
    pub backlog_records: u64,
    /// As [`Overview::oldest_pending`].
    pub oldest_pending: Option<Duration>,
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
impl Lag {
    /// `backlog, id of the first that waits`, of the one row of the cursor.
    pub(crate) fn stored(row: Option<(i64, Option<Uuid>)>) -> Result<Self, StoreError> {
        let (backlog, pending) = row.ok_or_else(no_cursor)?;
        Ok(Self {
            // A late row of a long writer lies below what was delivered.
            backlog_records: u64::try_from(backlog).unwrap_or_default().max(u64::from(pending.is_some())),
            oldest_pending: pending.and_then(age),
        })
    }
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
fn no_cursor() -> StoreError {
    StoreError::Damaged { what: "outbox_cursor has no row; insert one as in `0001_outbox.sql`".into() }
}

/// `owner, epoch, seconds of the lease, backlog, id of the first that waits, failed, auto, seconds to the next one due`, as
/// every database selects them.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) type Columns = (Option<Uuid>, i64, f64, i64, Option<Uuid>, i64, i64, Option<f64>);

#[cfg(any(feature = "postgres", feature = "sqlite"))]
impl Overview {
    /// Of the one row of the cursor.
    pub(crate) fn stored(row: Option<Columns>) -> Result<Self, StoreError> {
        let seconds = |seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default();
        let count = |count| u64::try_from(count).unwrap_or_default();
        let (owner, epoch, lease, backlog, pending, failed, auto, next_due) = row.ok_or_else(no_cursor)?;
        let Lag { backlog_records, oldest_pending } = Lag::stored(Some((backlog, pending)))?;
        Ok(Self {
            owner,
            epoch,
            lease_remaining: seconds(lease),
            backlog_records,
            oldest_pending,
            failed: count(failed),
            auto: count(auto),
            next_due: next_due.map(seconds),
        })
    }
}

/// How long ago a UUID of version 7 was made.
pub(super) fn age(id: Uuid) -> Option<Duration> {
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds)).ok()
}
