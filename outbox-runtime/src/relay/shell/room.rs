//! When settled rows are removed: beside the hot path, and behind it while there is a backlog.
//!
//! A DELETE costs the database about as much as the read of the same rows. So a relay that is behind puts it off, but
//! only up to a bound: what is left lying is bounded in bytes, however long it stays behind (A7).

use std::time::Duration;

/// Time between two chunks while there is something to remove, and otherwise.
const PAUSE_BUSY: Duration = Duration::from_millis(50);
const PAUSE_IDLE: Duration = Duration::from_secs(1);
/// What may be left lying by a relay that is behind: about this many bytes of records.
const LEFT_BYTES_MAX: u64 = 128 << 20;
/// What a row takes beside its key, headers and payload.
const ROW_BYTES: u64 = 100;

/// State of the removal for one owner of a log.
#[derive(Debug, Default)]
pub(super) struct Room {
    at: Duration,
    running: bool,
    behind: bool,
    left_rows: u64,
    left_bytes: u64,
}

impl Room {
    /// A page was read: `more` is waiting behind it.
    pub(super) fn read(&mut self, records: usize, bytes: usize, more: bool) {
        let rows = records as u64;
        self.behind = more;
        self.left_rows = self.left_rows.saturating_add(rows);
        self.left_bytes = self.left_bytes.saturating_add(bytes as u64 + rows * ROW_BYTES);
    }

    /// Whether to start a chunk now.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        !self.running && now >= self.at
    }

    pub(super) fn is_running(&self) -> bool {
        self.running
    }

    pub(super) fn started(&mut self) {
        self.running = true;
    }

    /// A chunk of `rows` is gone; 0 rows: nothing is left.
    pub(super) fn removed(&mut self, now: Duration, rows: u64) {
        self.running = false;
        let share = self.left_bytes.checked_div(self.left_rows).unwrap_or_default();
        self.left_rows = self.left_rows.saturating_sub(rows);
        self.left_bytes = self.left_bytes.saturating_sub(share.saturating_mul(rows));
        let put_off = self.behind && self.left_bytes < LEFT_BYTES_MAX;
        self.at = now + if rows == 0 || put_off { PAUSE_IDLE } else { PAUSE_BUSY };
    }

    pub(super) fn failed(&mut self, now: Duration) {
        self.running = false;
        self.at = now + PAUSE_IDLE;
    }

    /// When to wake up for the next chunk.
    pub(super) fn wake_at(&self, now: Duration) -> Option<Duration> {
        (!self.running && self.at > now).then_some(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::{LEFT_BYTES_MAX, PAUSE_BUSY, PAUSE_IDLE, Room};
    use std::time::Duration;

    const NOW: Duration = Duration::from_secs(9);

    #[test]
    fn a_relay_that_is_behind_puts_it_off_up_to_the_bound() {
        let mut room = Room::default();
        room.read(5_000, 5_000 * 160, true);
        assert!(room.is_due(NOW));
        room.started();
        assert!(!room.is_due(NOW));
        room.removed(NOW, 1_000);
        assert_eq!(room.wake_at(NOW), Some(NOW + PAUSE_IDLE));
        room.read(5_000, LEFT_BYTES_MAX as usize * 2, true);
        room.removed(NOW, 1_000);
        assert_eq!(room.wake_at(NOW), Some(NOW + PAUSE_BUSY));
    }

    #[test]
    fn a_relay_that_has_caught_up_removes_what_is_left_at_once() {
        let mut room = Room::default();
        room.read(5_000, 5_000 * 160, true);
        room.read(10, 1_600, false);
        room.removed(NOW, 1_000);
        assert_eq!(room.wake_at(NOW), Some(NOW + PAUSE_BUSY));
        room.removed(NOW, 0);
        assert_eq!(room.wake_at(NOW), Some(NOW + PAUSE_IDLE));
    }
}
