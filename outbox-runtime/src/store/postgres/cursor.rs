//! Where a relay stands: the cursor of [`PostgresStore`](super::PostgresStore).
//!
//! It is a value: everything a read needs is in it, so a read may run ahead of the settled cursor and start again from
//! it at any time. In particular `low` travels with the `prev` it belongs to, and never runs ahead of it (R2).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

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
    /// Every row at or below it is visible in `prev`.
    pub(super) low: i64,
    /// Highest position of all windows that ended: nothing visible in `prev` lies above.
    pub(super) high: i64,
}

impl PostgresCursor {
    /// The window from here to the snapshot `now`, with nothing of it delivered.
    pub(super) fn open(&self, now: Arc<str>) -> Self {
        Self { now: Some(now), last_position: self.low, ..self.clone() }
    }

    /// This window, delivered up to `position`.
    pub(super) fn at(&self, position: i64) -> Self {
        Self { last_position: position, ..self.clone() }
    }

    /// Behind this window, which is delivered; its last record was at `last`. `low` is for the window's end.
    pub(super) fn close(&self, now: &Arc<str>, last: i64, low: i64) -> Self {
        Self {
            prev: Arc::clone(now),
            now: None,
            last_position: low.max(self.low),
            low: low.max(self.low),
            high: last.max(self.high),
        }
    }
}

/// The oldest transaction that was running in a snapshot (text form `xmin:xmax:xip,…`).
pub(super) fn xmin(snapshot: &str) -> Result<u64, StoreError> {
    let xmin = snapshot.split(':').next().and_then(|xmin| xmin.parse().ok());
    xmin.ok_or_else(|| StoreError::Damaged { what: format!("`{snapshot}` is not a pg_snapshot") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> PostgresCursor {
        PostgresCursor { prev: "1:1:".into(), now: None, last_position: 0, low: 5, high: 9 }
    }

    #[test]
    fn low_and_high_move_only_when_a_window_closes() {
        let now: Arc<str> = "7:9:7".into();
        let window = start().open(Arc::clone(&now));
        assert_eq!((window.low, window.high, window.last_position), (5, 9, 5));
        let inside = window.at(12);
        assert_eq!((inside.low, inside.high, inside.last_position, &*inside.prev), (5, 9, 12, "1:1:"));
        let end = inside.close(&now, 12, 8);
        assert_eq!((end.low, end.high, &*end.prev, end.now), (8, 12, "7:9:7", None));
    }

    #[test]
    fn low_and_high_never_fall() {
        let now: Arc<str> = "7:9:7".into();
        let end = start().open(Arc::clone(&now)).close(&now, 6, 0);
        assert_eq!((end.low, end.high), (5, 9));
    }

    #[test]
    fn xmin_is_the_first_number() {
        assert_eq!(xmin("734:740:734,736").unwrap(), 734);
        assert!(matches!(xmin("x"), Err(StoreError::Damaged { .. })));
    }
}
