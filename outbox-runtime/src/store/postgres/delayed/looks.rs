//! Where the next look for delayed records begins: no database in here.
//!
//! A transaction that commits late may have records due before those that were moved: its time is that of its statement.
//! Where it is late by less than [`LATE`], the next look finds them, because it begins where the relay was that long ago. All
//! others are found by a look from the beginning, which comes every [`WHOLE_MIN`], or less often where it takes long.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::store::Lease;

/// How late a commit may be for the next look to find it: as many dead rows as are moved in this time, at most twice, are
/// looked at again each time.
const LATE: Duration = Duration::from_secs(2);
/// Between two looks from the beginning: at least …
const WHOLE_MIN: Duration = Duration::from_secs(5);
/// … and at most.
const WHOLE_MAX: Duration = Duration::from_secs(30);
/// Of the time, what these looks may take: a tenth.
const WHOLE_SHARE: u32 = 10;

/// A delayed record, by the order in which they are moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// When it was due, in microseconds since 1970.
    pub(super) due: i64,
    pub(super) place: i64,
}

/// What is remembered between two looks, of one lease: another owner, or a crash that took moves back (R4), may have left
/// records anywhere.
#[derive(Debug, Default)]
pub(in crate::store::postgres) struct Looks(Mutex<Option<State>>);

#[derive(Debug, Clone, Copy)]
struct State {
    lease: (i64, Uuid),
    /// The last look has left records, which come behind this one.
    run: Option<Place>,
    /// The last record moved: at all, until `turned_at`, and at least [`LATE`] before that.
    reached: [Option<Place>; 3],
    turned_at: Instant,
    /// When to look from the beginning.
    whole_at: Instant,
}

impl Looks {
    /// The record behind which to look; `None`: from the beginning.
    pub(super) fn next(&self, lease: &Lease, now: Instant) -> Option<Place> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = known.as_mut().filter(|state| state.lease == of(lease) && now < state.whole_at)?;
        if now.duration_since(state.turned_at) >= LATE {
            state.turned_at = now;
            state.reached = [state.reached[0], state.reached[0], state.reached[1]];
        }
        state.run.or(state.reached[2])
    }

    /// A look behind `look` is committed: the `last` record moved, whether there may be more, when it began and ended.
    pub(super) fn done(
        &self,
        lease: &Lease,
        look: Option<Place>,
        last: Option<Place>,
        more: bool,
        (began, ended): (Instant, Instant),
    ) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = State { lease: of(lease), run: None, reached: [None; 3], turned_at: ended, whole_at: ended };
        let mut state = known.filter(|state| state.lease == fresh.lease).unwrap_or(fresh);
        state.run = last.filter(|_| more);
        state.reached[0] = state.reached[0].max(last);
        if look.is_none() {
            state.whole_at = ended + (ended.duration_since(began) * WHOLE_SHARE).clamp(WHOLE_MIN, WHOLE_MAX);
        }
        *known = Some(state);
    }
}

fn of(lease: &Lease) -> (i64, Uuid) {
    (lease.epoch, lease.incarnation)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn lease(epoch: i64) -> Lease {
        Lease { epoch, owner: Uuid::nil(), incarnation: Uuid::nil(), log: Uuid::nil(), home: None }
    }

    fn place(due: i64) -> Option<Place> {
        Some(Place { due, place: 1 })
    }

    /// A look at `at`, which takes no time: where it began.
    fn look(looks: &Looks, at: Instant, last: Option<Place>, more: bool) -> Option<Place> {
        let look = looks.next(&lease(1), at);
        looks.done(&lease(1), look, last, more, (at, at));
        look
    }

    #[test]
    fn a_look_begins_where_the_relay_was_a_while_ago() {
        let (looks, start) = (Looks::default(), Instant::now());
        assert_eq!(look(&looks, start, place(10), false), None, "a new owner looks at all");
        for (after, last, begins) in [(1, 20, None), (2, 30, None), (3, 40, None), (4, 50, place(20))] {
            assert_eq!(look(&looks, start + SECOND * after, place(last), false), begins, "after {after} s");
        }
    }

    #[test]
    fn nothing_is_missed_for_long() {
        let (looks, start) = (Looks::default(), Instant::now());
        let mut wholes = Vec::new();
        for tenth in 0..200 {
            let at = start + SECOND / 10 * tenth;
            if look(&looks, at, place(i64::from(tenth)), false).is_none() && tenth > 50 {
                wholes.push(tenth);
            }
        }
        assert_eq!(wholes, [89, 139, 189], "every five seconds");
        // One that takes long does not take all of the time; one that takes very long comes all the same.
        let took = |time: Duration| {
            let at = start + WHOLE_MAX * 9;
            looks.done(&lease(1), None, None, false, (at, at + time));
            let next = |after| looks.next(&lease(1), at + time + after).is_none();
            (0..=60).find(|seconds| next(SECOND * *seconds)).expect("half a minute at most")
        };
        assert_eq!((took(SECOND), took(SECOND * 30)), (10, 30));
    }

    #[test]
    fn a_run_goes_on_where_it_is_and_not_before() {
        let (looks, start) = (Looks::default(), Instant::now());
        assert_eq!(look(&looks, start, place(10), true), None);
        assert_eq!(look(&looks, start, place(20), true), place(10));
        assert_eq!(look(&looks, start, place(25), false), place(20));
        // Late ones: all of them come now, and the relay is where it was.
        assert_eq!(look(&looks, start + SECOND * 2, place(5), true), None);
        assert_eq!(look(&looks, start + SECOND * 2, place(6), false), place(5));
        assert_eq!(look(&looks, start + SECOND * 4, None, false), place(25));
    }

    #[test]
    fn another_lease_begins_anew() {
        let (looks, start) = (Looks::default(), Instant::now());
        look(&looks, start, place(10), true);
        assert_eq!(looks.next(&lease(1), start), place(10));
        assert_eq!(looks.next(&lease(2), start), None);
    }
}
