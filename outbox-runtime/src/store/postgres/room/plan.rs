//! What to do with the ring, from what it looks like: no database in here.

use std::time::Duration;

use crate::store::postgres::options::Options;

/// A slot that is in use goes on at the latest after so long, where nothing is kept.
const AGE_MAX: Duration = Duration::from_secs(600);

/// A slot as it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) slot: i16,
    /// On disk; 0: empty.
    pub(super) bytes: u64,
    /// Time since rows went on to another one.
    pub(super) filled_for: Duration,
}

/// Whether rows should go on to another slot than `current`.
pub(super) fn is_full(slots: &[Slot], current: i16, options: &Options) -> bool {
    let Some(now) = slots.iter().find(|slot| slot.slot == current) else { return true };
    // It is in use since the last of the others was filled.
    let others = slots.iter().filter(|slot| slot.slot != current);
    let in_use_for = others.map(|slot| slot.filled_for).min().unwrap_or_default();
    let age_max = options.retention.map_or(AGE_MAX, |retention| retention / 4);
    now.bytes >= options.slot_bytes || (now.bytes > 0 && in_use_for >= age_max)
}

/// Whether a slot should be added, because rows cannot go on although they should.
pub(super) fn is_too_full(slots: &[Slot], current: i16, options: &Options) -> bool {
    let bytes = slots.iter().find(|slot| slot.slot == current).map_or(0, |slot| slot.bytes);
    bytes >= options.slot_bytes.saturating_mul(2)
}

/// The empty slot that comes next behind `current`.
pub(super) fn next_empty(slots: &[Slot], current: i16, usable: impl Fn(i16) -> bool) -> Option<i16> {
    let empty = slots.iter().filter(|slot| slot.slot != current && slot.bytes == 0 && usable(slot.slot));
    empty.map(|slot| slot.slot).min_by_key(|slot| (*slot < current, *slot))
}

/// Slots that are to be emptied once all of their rows are settled, those filled first in front.
pub(super) fn to_empty(slots: &[Slot], current: i16, options: &Options) -> Vec<Slot> {
    let mut filled: Vec<Slot> = slots.iter().copied().filter(|slot| slot.slot != current && slot.bytes > 0).collect();
    filled.sort_by_key(|slot| std::cmp::Reverse(slot.filled_for));
    let Some(retention) = options.retention else { return filled };
    let mut kept: u64 = slots.iter().map(|slot| slot.bytes).sum();
    filled.retain(|slot| {
        let too_much = options.retention_bytes.is_some_and(|bytes| kept > bytes);
        let goes = slot.filled_for >= retention || too_much;
        kept -= if goes { slot.bytes } else { 0 };
        goes
    });
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn slot(slot: i16, bytes: u64, minutes: u32) -> Slot {
        Slot { slot, bytes, filled_for: MINUTE * minutes }
    }

    fn options(retention: Option<u32>, retention_bytes: Option<u64>) -> Options {
        Options { slot_bytes: 100, retention: retention.map(|minutes| MINUTE * minutes), retention_bytes }
    }

    fn numbers(slots: &[Slot]) -> Vec<i16> {
        slots.iter().map(|slot| slot.slot).collect()
    }

    #[test]
    fn rows_go_on_by_size_or_age_and_never_from_an_empty_slot() {
        let ring = |bytes, minutes| [slot(0, bytes, 30), slot(1, 0, minutes), slot(2, 7, 50)];
        assert!(!is_full(&ring(99, 9), 0, &options(None, None)));
        assert!(is_full(&ring(100, 9), 0, &options(None, None)));
        assert!(is_full(&ring(1, 10), 0, &options(None, None)));
        assert!(!is_full(&ring(0, 99), 0, &options(None, None)));
        assert!(is_full(&ring(1, 9), 0, &options(Some(36), None)), "four times in the time that they are kept");
        assert!(!is_too_full(&ring(199, 9), 0, &options(None, None)));
        assert!(is_too_full(&ring(200, 9), 0, &options(None, None)));
    }

    #[test]
    fn m2_rows_go_on_to_an_empty_slot_only() {
        let ring = [slot(0, 0, 30), slot(1, 100, 20), slot(2, 7, 50), slot(3, 0, 50)];
        assert_eq!(next_empty(&ring, 1, |_| true), Some(3));
        assert_eq!(next_empty(&ring, 1, |slot| slot != 3), Some(0));
        assert_eq!(next_empty(&ring[1..3], 1, |_| true), None);
    }

    #[test]
    fn the_first_filled_goes_first_and_what_is_kept_stays() {
        let ring = [slot(0, 50, 30), slot(1, 60, 0), slot(2, 50, 50), slot(3, 0, 90), slot(4, 50, 40)];
        assert_eq!(numbers(&to_empty(&ring, 1, &options(None, None))), [2, 4, 0]);
        assert_eq!(numbers(&to_empty(&ring, 1, &options(Some(40), None))), [2, 4]);
        assert_eq!(numbers(&to_empty(&ring, 1, &options(Some(60), None))), [0_i16; 0]);
        assert_eq!(numbers(&to_empty(&ring, 1, &options(Some(60), Some(170)))), [2]);
        assert_eq!(numbers(&to_empty(&ring, 1, &options(Some(60), Some(0)))), [2, 4, 0]);
    }
}
