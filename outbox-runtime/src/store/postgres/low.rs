//! The low-water mark: below it every row was delivered, so that a read need not look there.
//!
//! A *candidate* is `(q, x)`: `q` the last position handed out, then `x` an xid of our own. Whoever got a position up to
//! `q` had its xid before (W1), hence below `x`. So a snapshot whose `xmin` is at least `x` sees all of them that
//! committed, and `q` is a low-water mark for a cursor whose `prev` is that snapshot. `pg_snapshot_xmax` would be no such
//! bound: it is one above the last *completed* xid (T17).
//!
//! The facts kept here hold for the database whoever reads it; which `low` a cursor has is in the cursor (R2).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::cursor::xmin;
use super::error::classify;
use crate::qualify::LogPool;
use crate::store::StoreError;

/// A candidate costs two round trips and an xid: take one when this many records were read since the last …
const RECORDS_PER_CANDIDATE: usize = 5_000;
/// … or when any was, and this much time has passed.
const CANDIDATE_PAUSE: Duration = Duration::from_millis(100);

/// `(q, x)`: see the module.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    position: i64,
    xid: u64,
}

#[derive(Debug, Default)]
struct State {
    /// A crash hands xids and positions out again: facts of another incarnation are void (R4).
    incarnation: Uuid,
    /// Waits for the transactions before it to end.
    pending: Option<Candidate>,
    /// The last one that some window's end has passed; kept for windows that are read again.
    passed: Option<Candidate>,
    records_since: usize,
    taken_at: Option<Instant>,
}

/// Candidates for `low`, of one incarnation.
#[derive(Debug, Default)]
pub(super) struct LowWater(Mutex<State>);

impl LowWater {
    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock, and each field alone is valid.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that `records` were read: without any, a new candidate would be an xid for nothing.
    pub(super) fn saw(&self, records: usize) {
        let mut state = self.state();
        state.records_since = state.records_since.saturating_add(records);
    }

    /// Takes a candidate when one is due. The position first, then the xid: never in one statement.
    pub(super) async fn take_candidate(&self, pool: &LogPool, incarnation: Uuid) -> Result<(), StoreError> {
        if !self.is_due(incarnation) {
            return Ok(());
        }
        let position = last_position(pool).await.map_err(classify)?;
        let xid = own_xid(pool).await.map_err(classify)?;
        let mut state = self.state();
        if state.incarnation == incarnation {
            state.pending = Some(Candidate { position, xid });
            state.records_since = 0;
            state.taken_at = Some(Instant::now());
        }
        Ok(())
    }

    fn is_due(&self, incarnation: Uuid) -> bool {
        let mut state = self.state();
        if state.incarnation != incarnation {
            // A relay that starts takes one at once: what it reads first may be a backlog.
            *state = State { incarnation, records_since: RECORDS_PER_CANDIDATE, ..State::default() };
        }
        let paused = state.taken_at.is_none_or(|at| at.elapsed() >= CANDIDATE_PAUSE);
        state.pending.is_none() && (state.records_since >= RECORDS_PER_CANDIDATE || (state.records_since > 0 && paused))
    }

    /// The best `low` for a cursor whose `prev` is the snapshot `now`; 0 when nothing is known.
    pub(super) fn at_end_of(&self, now: &str, incarnation: Uuid) -> Result<i64, StoreError> {
        let xmin = xmin(now)?;
        let mut state = self.state();
        if state.incarnation != incarnation {
            return Ok(0);
        }
        if let Some(candidate) = state.pending.take_if(|candidate| candidate.xid <= xmin) {
            state.passed = Some(candidate);
        }
        Ok(state.passed.filter(|candidate| candidate.xid <= xmin).map_or(0, |candidate| candidate.position))
    }
}

/// The last position handed out. A sequence never used says 1 without having given it to anyone (R3).
async fn last_position(executor: impl sqlx::PgExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM outbox_log_position_seq",
    )
    .fetch_one(executor)
    .await
}

/// An xid of a transaction of its own.
async fn own_xid(executor: impl sqlx::PgExecutor<'_>) -> Result<u64, sqlx::Error> {
    let xid: String = sqlx::query_scalar("SELECT pg_current_xact_id()::text").fetch_one(executor).await?;
    xid.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pending: Option<Candidate>) -> (LowWater, Uuid) {
        let incarnation = Uuid::from_u128(1);
        (LowWater(Mutex::new(State { incarnation, pending, ..State::default() })), incarnation)
    }

    #[test]
    fn r2_a_candidate_counts_once_xmin_has_reached_it() {
        let (low, incarnation) = with(Some(Candidate { position: 40, xid: 100 }));
        assert_eq!(low.at_end_of("99:120:99", incarnation).unwrap(), 0);
        assert_eq!(low.at_end_of("100:120:110", incarnation).unwrap(), 40);
        // A window read again from an older cursor: what was passed still counts for its new end, not for an old one.
        assert_eq!(low.at_end_of("130:130:", incarnation).unwrap(), 40);
        assert_eq!(low.at_end_of("99:120:99", incarnation).unwrap(), 0);
    }

    #[test]
    fn r4_candidates_of_another_incarnation_are_void() {
        let (low, _) = with(Some(Candidate { position: 40, xid: 100 }));
        let other = Uuid::from_u128(2);
        assert_eq!(low.at_end_of("100:100:", other).unwrap(), 0);
        assert!(low.is_due(other));
        assert_eq!(low.at_end_of("100:100:", other).unwrap(), 0);
    }

    #[test]
    fn idle_polls_burn_no_xids() {
        let (low, incarnation) = with(None);
        assert!(!low.is_due(incarnation));
        low.saw(1);
        assert!(low.is_due(incarnation));
    }
}
