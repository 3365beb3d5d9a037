//! The low-water mark: below it every row was delivered, so that a read need not look there.
//!
//! A *candidate* is `(q, x)`: `q` the last position handed out, then `x` an xid of our own. Whoever got a position up to
//! `q` had its xid before (W1), hence below `x`. So a snapshot whose `xmin` is at least `x` sees all of them that
//! committed: `q` is a floor for a cursor whose `prev` is that snapshot. `pg_snapshot_xmax` would be no such bound for a
//! candidate: it is one above the last *completed* xid (T17).
//!
//! A transaction that stays open would hold that back, and every read would scan what was delivered since (R7). Once
//! `xmax` of a snapshot is above `x`, each transaction below `x` has ended there or is among those it lists as running. So
//! `q` is a `low` whose exceptions can be named, and it is used as such when all of them have been running for long.
//!
//! The facts kept here hold for the database whoever reads it; which marks a cursor has is in the cursor (R2).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::PgExecutor;
use uuid::Uuid;

use super::cursor::Marks;
use super::error::classify;
use super::layout::Layout;
use super::snapshot::Snapshot;
use crate::qualify::LogPool;
use crate::store::StoreError;

/// A candidate costs two round trips and an xid: take one when this many records were read since the last …
const RECORDS_PER_CANDIDATE: usize = 5_000;
/// … or when any was, and this much time has passed.
const CANDIDATE_PAUSE: Duration = Duration::from_millis(100);
/// A transaction that has held a candidate back for so long is a long writer.
const LONG: Duration = Duration::from_secs(1);
/// Candidates that say where a long writer's rows may begin.
const PAST_MAX: usize = 64;

/// `(q, x)`: see the module.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    position: i64,
    xid: i64,
    /// Where new rows went before `position` was looked up: no row above it is in another slot, as long as this stays.
    place: Option<i64>,
    taken_at: Instant,
}

#[derive(Debug, Default)]
struct State {
    /// A crash hands xids and positions out again: facts of another incarnation are void (R4).
    incarnation: Uuid,
    /// Waits for the transactions before it to end, or to become long.
    pending: Option<Candidate>,
    /// Transactions below it that still run are long.
    long_below: i64,
    /// The last one that some window's end has passed, but for long writers; kept for windows that are read again.
    low: Option<Candidate>,
    /// Waits for long writers.
    held: Option<Candidate>,
    /// The last one without an exception.
    floor: Option<Candidate>,
    /// Some of those before, in order.
    past: Vec<Candidate>,
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
    pub(super) async fn take_candidate(
        &self,
        pool: &LogPool,
        layout: &Layout,
        incarnation: Uuid,
    ) -> Result<(), StoreError> {
        if !self.is_due(incarnation) {
            return Ok(());
        }
        let (place, position) = match layout {
            Layout::Plain => (None, last_position(pool).await.map_err(classify)?),
            Layout::Ring(_) => place_and_last_position(pool).await.map_err(classify)?,
        };
        let xid = own_xid(pool).await.map_err(classify)?;
        let mut state = self.state();
        if state.incarnation == incarnation {
            state.pending = Some(Candidate { position, xid, place, taken_at: Instant::now() });
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

    /// The best marks for a cursor whose `prev` is the snapshot `now`; zeros when nothing is known.
    pub(super) fn at_end_of(&self, now: &str, incarnation: Uuid) -> Result<Marks, StoreError> {
        let now = Snapshot::parse(now)?;
        let mut state = self.state();
        if state.incarnation != incarnation {
            return Ok(Marks::default());
        }
        if let Some(pending) = state.pending.filter(|pending| pending.taken_at.elapsed() >= LONG) {
            state.long_below = state.long_below.max(pending.xid);
        }
        let oldest = now.oldest_from(state.long_below);
        if let Some(passed) = state.pending.take_if(|pending| pending.xid <= oldest) {
            state.pass(passed);
        }
        state.raise_floor(now.xmin);
        // A window that is read again may end before either of them.
        let floor = state.floor.filter(|floor| floor.xid <= now.xmin);
        let low = state.low.filter(|low| low.xid <= now.xmax).or(floor);
        Ok(Marks {
            floor: floor.map_or(0, |floor| floor.position),
            low: low.map_or(0, |low| low.position),
            low_xid: low.map_or(0, |low| low.xid),
        })
    }

    /// The only place of rows above `low`, if it is known: to be compared with where rows go when they are read.
    pub(super) fn place_above(&self, low: i64, incarnation: Uuid) -> Option<i64> {
        let state = self.state();
        let known = state.low.filter(|known| state.incarnation == incarnation && known.position <= low);
        known.and_then(|known| known.place)
    }

    /// New rows do not go to `place` any more: that needs a new candidate, also if nothing is read.
    pub(super) fn moved_from(&self, place: i64) {
        let mut state = self.state();
        if let Some(low) = state.low.as_mut().filter(|low| low.place == Some(place)) {
            low.place = None;
            state.records_since = state.records_since.max(1);
        }
    }

    /// A position below all rows of each of these transactions.
    pub(super) fn starts_of(&self, xids: &[i64], floor: i64, incarnation: Uuid) -> Vec<i64> {
        let state = self.state();
        let known = |xid: i64| {
            // Rows at or below its position have xids below its own.
            let before = state.past.iter().rev().find(|past| state.incarnation == incarnation && past.xid <= xid);
            before.map_or(floor, |before| before.position.max(floor))
        };
        xids.iter().map(|xid| known(*xid)).collect()
    }
}

impl State {
    fn pass(&mut self, candidate: Candidate) {
        self.low = Some(candidate);
        self.held.get_or_insert(candidate);
        self.past.push(candidate);
        if self.past.len() > PAST_MAX {
            let mut number = 0;
            self.past.retain(|_| {
                number += 1;
                number % 2 == 1
            });
        }
    }

    fn raise_floor(&mut self, xmin: i64) {
        if let Some(low) = self.low.filter(|low| low.xid <= xmin) {
            (self.floor, self.held) = (Some(low), None);
        } else if let Some(held) = self.held.take_if(|held| held.xid <= xmin) {
            self.floor = Some(held);
        }
        let ended = self.past.partition_point(|past| past.xid <= xmin);
        self.past.drain(..ended.saturating_sub(1));
    }
}

/// The last position handed out. A sequence never used says 1 without having given it to anyone (R3).
async fn last_position(executor: impl PgExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM outbox_log_position_seq",
    )
    .fetch_one(executor)
    .await
}

/// Where new rows go, and after that the last position handed out: CASE keeps the order.
async fn place_and_last_position(executor: impl PgExecutor<'_>) -> sqlx::Result<(Option<i64>, i64)> {
    sqlx::query_as(
        "SELECT place, CASE WHEN place IS NOT NULL
                       THEN coalesce(pg_sequence_last_value('outbox_log_position_seq'), 0) END
         FROM (SELECT coalesce(pg_sequence_last_value('outbox_log_slot_seq'), 0) AS place OFFSET 0) s",
    )
    .fetch_one(executor)
    .await
}

/// An xid of a transaction of its own.
async fn own_xid(executor: impl PgExecutor<'_>) -> Result<i64, sqlx::Error> {
    let xid: String = sqlx::query_scalar("SELECT pg_current_xact_id()::text").fetch_one(executor).await?;
    xid.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(position: i64, xid: i64) -> Candidate {
        Candidate { position, xid, place: Some(0), taken_at: Instant::now() }
    }

    fn with(pending: Option<Candidate>) -> (LowWater, Uuid) {
        let incarnation = Uuid::from_u128(1);
        (LowWater(Mutex::new(State { incarnation, pending, ..State::default() })), incarnation)
    }

    fn marks(floor: i64, low: i64, low_xid: i64) -> Marks {
        Marks { floor, low, low_xid }
    }

    #[test]
    fn r2_a_candidate_counts_once_xmin_has_reached_it() {
        let (low, incarnation) = with(Some(candidate(40, 100)));
        assert_eq!(low.at_end_of("99:120:99", incarnation).unwrap(), Marks::default());
        assert_eq!(low.at_end_of("100:120:110", incarnation).unwrap(), marks(40, 40, 100));
        // A window read again from an older cursor: what was passed still counts for its new end, not for an old one.
        assert_eq!(low.at_end_of("130:130:", incarnation).unwrap(), marks(40, 40, 100));
        assert_eq!(low.at_end_of("99:99:", incarnation).unwrap(), Marks::default());
    }

    #[test]
    fn r4_candidates_of_another_incarnation_are_void() {
        let (low, _) = with(Some(candidate(40, 100)));
        let other = Uuid::from_u128(2);
        assert_eq!(low.at_end_of("100:100:", other).unwrap(), Marks::default());
        assert!(low.is_due(other));
        assert_eq!(low.at_end_of("100:100:", other).unwrap(), Marks::default());
        assert_eq!(low.place_above(100, Uuid::from_u128(1)), None);
    }

    #[test]
    fn idle_polls_burn_no_xids() {
        let (low, incarnation) = with(None);
        assert!(!low.is_due(incarnation));
        low.saw(1);
        assert!(low.is_due(incarnation));
    }

    #[test]
    fn r7_long_writers_hold_back_the_floor_and_not_low() {
        let long_ago = Instant::now().checked_sub(LONG).expect("a machine that runs for a second");
        let (low, incarnation) = with(Some(Candidate { taken_at: long_ago, ..candidate(40, 100) }));
        // 50 has been running for longer than the candidate.
        assert_eq!(low.at_end_of("50:120:50,110", incarnation).unwrap(), marks(0, 40, 100));
        // The next candidate has 50 behind it at once, and waits for 130, which is young.
        low.state().pending = Some(candidate(60, 140));
        assert_eq!(low.at_end_of("50:150:50,130", incarnation).unwrap(), marks(0, 40, 100));
        assert_eq!(low.at_end_of("50:150:50,145", incarnation).unwrap(), marks(0, 60, 140));
        assert_eq!(low.starts_of(&[50, 120, 145], 3, incarnation), [3, 40, 60]);
        // A snapshot that does not know all transactions below the candidate names none of them.
        assert_eq!(low.at_end_of("50:130:50", incarnation).unwrap(), Marks::default());
        // 50 ends; a transaction of the second candidate's time goes on.
        assert_eq!(low.at_end_of("110:150:110", incarnation).unwrap(), marks(40, 60, 140));
        assert_eq!(low.at_end_of("145:150:145", incarnation).unwrap(), marks(60, 60, 140));
    }

    #[test]
    fn m3_one_place_is_known_until_rows_go_elsewhere() {
        let (low, incarnation) = with(Some(Candidate { place: Some(7), ..candidate(40, 100) }));
        assert_eq!(low.place_above(40, incarnation), None);
        low.at_end_of("100:120:", incarnation).unwrap();
        assert_eq!(low.place_above(40, incarnation), Some(7));
        assert_eq!(low.place_above(39, incarnation), None, "below it there may be others");
        low.moved_from(6);
        assert_eq!(low.place_above(40, incarnation), Some(7), "that was another one");
        low.moved_from(7);
        assert_eq!(low.place_above(40, incarnation), None);
        assert!(low.is_due(incarnation), "a new one is taken without a record");
    }
}
