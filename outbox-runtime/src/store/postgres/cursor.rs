//! Where a relay stands: the cursor of [`PostgresStore`](super::PostgresStore).
//!
//! It is a value: everything a read needs is in it, so a read may run ahead of the settled cursor and start again from
//! it at any time. In particular `floor` and `low` travel with the `prev` they belong to, and never run ahead of it (R2).

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;

use super::snapshot::Snapshot;
use crate::store::StoreError;

/// A place in a log, between two snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostgresCursor {
    /// What is visible here was delivered, all of it.
    pub(super) prev: Arc<str>,
    /// End of the window in work; `None` between two windows.
    pub(super) now: Option<Arc<str>>,
    /// In a window: everything up to here was delivered.
    pub(super) last_position: i64,
    /// Where reads begin, and what they leave aside.
    pub(super) marks: Marks,
    /// Highest position of all windows that ended: nothing visible in `prev` lies above.
    pub(super) high: i64,
}

/// What was delivered, by position. True for one snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Marks {
    /// Every row at or below it is visible in the snapshot.
    pub(super) floor: i64,
    /// Every row at or below it is visible in the snapshot, or one of a long writer's.
    pub(super) low: i64,
    /// Long writers (R7) are the transactions below this xid that were running in the snapshot.
    pub(super) low_xid: i64,
}

impl Marks {
    /// The higher ones of both: what is true for a snapshot stays true for those after it, because what has ended since
    /// is visible there and what has not is still running.
    fn raised(self, by: Self) -> Self {
        let upper = if by.low > self.low { by } else { self };
        Self { floor: self.floor.max(by.floor), ..upper }
    }
}

impl PostgresCursor {
    /// Its columns as the next seven parameters: `prev, now, last_position, floor, low, low_xid, high`.
    pub(super) fn bind<'q>(&'q self, query: Query<'q, Postgres, PgArguments>) -> Query<'q, Postgres, PgArguments> {
        query
            .bind(&*self.prev)
            .bind(self.now.as_deref())
            .bind(self.last_position)
            .bind(self.marks.floor)
            .bind(self.marks.low)
            .bind(self.marks.low_xid)
            .bind(self.high)
    }

    /// The window from here to the snapshot `now`, with nothing of it delivered.
    pub(super) fn open(&self, now: Arc<str>) -> Result<Self, StoreError> {
        Ok(Self { last_position: self.start(&now)?, now: Some(now), ..self.clone() })
    }

    /// At or below this position the window to `now` has nothing.
    pub(super) fn start(&self, now: &str) -> Result<i64, StoreError> {
        let long_writers = self.long_writers()?;
        if long_writers.is_empty() {
            return Ok(self.marks.low);
        }
        let now = Snapshot::parse(now)?;
        let any_has_ended = long_writers.iter().any(|xid| now.has_ended(*xid));
        Ok(if any_has_ended { self.marks.floor } else { self.marks.low })
    }

    /// Transactions that were running in `prev` and may have rows at or below `low`: all others of those are delivered.
    pub(super) fn long_writers(&self) -> Result<Vec<i64>, StoreError> {
        if self.marks.floor >= self.marks.low {
            return Ok(vec![]);
        }
        let mut long = Snapshot::parse(&self.prev)?.running;
        long.retain(|xid| *xid < self.marks.low_xid);
        Ok(long)
    }

    /// This window, delivered up to `position`.
    pub(super) fn at(&self, position: i64) -> Self {
        Self { last_position: position, ..self.clone() }
    }

    /// Behind this window, which is delivered; its last record was at `last`. `marks` are true for the window's end.
    pub(super) fn close(&self, now: &Arc<str>, last: i64, marks: Marks) -> Self {
        let marks = self.marks.raised(marks);
        Self { prev: Arc::clone(now), now: None, last_position: marks.low, marks, high: last.max(self.high) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(floor: i64, low: i64, low_xid: i64) -> Marks {
        Marks { floor, low, low_xid }
    }

    fn start() -> PostgresCursor {
        PostgresCursor { prev: "1:1:".into(), now: None, last_position: 0, marks: marks(5, 5, 3), high: 9 }
    }

    #[test]
    fn marks_and_high_move_only_when_a_window_closes() {
        let now: Arc<str> = "7:9:7".into();
        let window = start().open(Arc::clone(&now)).unwrap();
        assert_eq!((window.marks, window.high, window.last_position), (marks(5, 5, 3), 9, 5));
        let inside = window.at(12);
        assert_eq!((inside.marks, inside.high, inside.last_position, &*inside.prev), (marks(5, 5, 3), 9, 12, "1:1:"));
        let end = inside.close(&now, 12, marks(8, 8, 6));
        assert_eq!((end.marks, end.high, &*end.prev, end.now), (marks(8, 8, 6), 12, "7:9:7", None));
    }

    #[test]
    fn marks_and_high_never_fall() {
        let now: Arc<str> = "7:9:7".into();
        let end = start().open(Arc::clone(&now)).unwrap().close(&now, 6, Marks::default());
        assert_eq!((end.marks, end.high), (marks(5, 5, 3), 9));
    }

    #[test]
    fn r7_a_window_in_which_a_long_writer_ends_starts_at_the_floor() {
        let now: Arc<str> = "7:40:7,20,35".into();
        let end = start().close(&now, 90, marks(5, 80, 30));
        assert_eq!(end.long_writers().unwrap(), [7, 20]);
        assert_eq!(end.open("7:50:7,20".into()).unwrap().last_position, 80, "both are running still");
        assert_eq!(end.open("7:50:7".into()).unwrap().last_position, 5);
        // They have ended in this one; `low` stays, and the next window has nothing below it.
        let after = end.close(&"35:50:35".into(), 90, Marks::default());
        assert_eq!((after.marks, after.long_writers().unwrap()), (marks(5, 80, 30), vec![]));
        assert_eq!(after.open("50:50:".into()).unwrap().last_position, 80);
    }
}
