//! When delayed records are looked for: beside the hot path, and again at once where there were some.

use std::time::Duration;

/// Time between two looks; a delayed record is late by so much at most, and by what it waits behind in the log.
const PAUSE: Duration = Duration::from_millis(100);
/// The same where looks take long, as behind the dead rows that an open transaction keeps: a tenth of the time is theirs.
const PAUSE_MAX: Duration = Duration::from_secs(5);
const SHARE: u32 = 9;

/// State for one owner of a log.
#[derive(Debug, Default)]
pub(super) struct Delayed {
    at: Duration,
    running: bool,
    started: Duration,
}

impl Delayed {
    /// Whether to look now.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        !self.running && now >= self.at
    }

    pub(super) fn started(&mut self, now: Duration) {
        (self.running, self.started) = (true, now);
    }

    /// So many records were moved; `None`: the database said no.
    pub(super) fn moved(&mut self, now: Duration, records: Option<u64>) {
        self.running = false;
        let pause = (now.saturating_sub(self.started) * SHARE).clamp(PAUSE, PAUSE_MAX);
        self.at = if records.is_some_and(|records| records > 0) { now } else { now + pause };
    }

    /// When to wake up for the next look.
    pub(super) fn wake_at(&self, now: Duration) -> Option<Duration> {
        (!self.running && self.at > now).then_some(self.at)
    }
}
