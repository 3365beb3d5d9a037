//! Partitions that never answer, while others do (rule 9): their leader is gone, or cannot be reached from here.
//!
//! A look every now and then counts for how long a partition with records in flight has said nothing. Looks, not times: a
//! relay that was stopped for an hour has not listened meanwhile.

use std::time::Duration;

use super::sending::BROKEN_DRAIN;
use super::{Action, Machine, Producer};

/// Looks at a silent partition until it counts as gone.
pub(super) const LOOKS: u8 = 16;
/// The same where a new producer was made because of it already: that the broker answers is known.
const LOOKS_AGAIN: u8 = 6;
/// The same for one that was gone, and is tried again.
const LOOKS_ON_PROBATION: u8 = 3;
/// Others were heard in this part of the looks at least: it is not the whole broker that is away.
const OTHERS: u8 = 4;

/// What is known of a partition's silence.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Silence {
    looks: u8,
    /// Looks before which others were heard.
    others: u8,
    /// A new producer was made because of it.
    struck: bool,
    /// It was gone.
    probation: bool,
}

impl Silence {
    /// It has answered; or the first record is sent.
    pub(super) fn ends(&mut self) {
        (self.looks, self.others) = (0, 0);
    }

    /// It has taken a record.
    pub(super) fn is_over(&mut self) {
        *self = Self::default();
    }

    /// Counts a look; whether it has been silent for too long.
    pub(super) fn look(&mut self, heard_others: bool) -> bool {
        // What was heard before the first look may be itself.
        self.others += u8::from(heard_others && self.looks > 0);
        self.looks = self.looks.saturating_add(1);
        let most = match (self.probation, self.struck) {
            (true, _) => LOOKS_ON_PROBATION,
            (false, true) => LOOKS_AGAIN,
            (false, false) => LOOKS,
        };
        self.looks >= most
    }

    /// Whether it is this partition alone, and not the broker.
    pub(super) fn is_its_own(&self) -> bool {
        self.probation || self.struck || u32::from(self.others) * u32::from(OTHERS) >= u32::from(self.looks)
    }

    pub(super) fn strike(&mut self) {
        self.struck = true;
    }

    pub(super) fn is_gone(&mut self) {
        *self = Self { probation: true, ..Self::default() };
    }
}

impl Machine {
    /// Looks for partitions that are gone: the shell hears of them, and the producer is dropped.
    pub(super) fn look_for_silence(&mut self, now: Duration, actions: &mut Vec<Action>) {
        if self.producer != Producer::Ready || self.in_flight == 0 || self.mutations.wait_for_silent_partitions {
            return;
        }
        let at = self.look_at;
        if !self.due(now, at) {
            return;
        }
        self.look_at = now + self.config.silence / u32::from(LOOKS);
        let heard = std::mem::take(&mut self.heard);
        let silent = self.lanes.silent(heard, self.transaction.is_some());
        actions.extend(silent.gone.iter().map(|lane| Action::Lost(*lane)));
        if self.transaction.is_some() && (silent.unclear || !silent.gone.is_empty()) {
            // A transaction of which one record is never answered never ends. Whether the broker answers is seen next.
            self.blame();
            self.producer = Producer::Broken;
        } else if !silent.gone.is_empty() {
            self.producer = Producer::Draining { until: now + self.config.drain.min(BROKEN_DRAIN) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LOOKS, LOOKS_AGAIN, LOOKS_ON_PROBATION, Silence};

    /// Looks until it is too long, `others` being heard before each or never.
    fn looks(silence: &mut Silence, others: bool) -> u8 {
        (1..).find(|_| silence.look(others)).unwrap_or_default()
    }

    #[test]
    fn silence_is_a_partitions_own_where_others_answer() {
        let mut silence = Silence::default();
        assert_eq!(looks(&mut silence, true), LOOKS);
        assert!(silence.is_its_own());
        silence.is_gone();
        assert_eq!(looks(&mut silence, false), LOOKS_ON_PROBATION);
        assert!(silence.is_its_own(), "until it takes a record");
        silence.is_over();
        assert_eq!(looks(&mut silence, false), LOOKS);
        assert!(!silence.is_its_own(), "the whole broker is away");
        silence.strike();
        silence.ends();
        assert_eq!(looks(&mut silence, false), LOOKS_AGAIN);
        assert!(silence.is_its_own());
    }
}
