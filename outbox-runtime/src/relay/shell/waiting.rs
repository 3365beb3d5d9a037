//! Rows of the parked table that have no partition yet, by topic: each topic is asked for by itself, so that one that is
//! away keeps no other one waiting (rule 9).
//!
//! A topic that can be asked for and takes no record all the same, for want of a right or of a leader, is tried again after
//! ever longer pauses: each try costs the other topics a producer.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::time::Duration;

use crate::relay::machine::Seq;

const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);
const REFUSED_PAUSE_MAX: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
struct Topic {
    rows: BTreeSet<Seq>,
    /// Rows that have their partition, while none of the topic is acknowledged.
    tried: BTreeSet<Seq>,
    /// When it is asked for again.
    at: Duration,
    /// Questions in vain.
    attempts: u32,
    /// Tries that it took no record.
    refusals: u32,
}

impl Topic {
    fn pause(&mut self, now: Duration, count: u32, most: Duration) {
        self.at = now + PAUSE_MIN.saturating_mul(1 << count.min(10)).min(most);
    }
}

/// All such rows.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    topics: BTreeMap<String, Topic>,
    /// The topic asked for last: the next one has its turn.
    last: String,
}

impl Waiting {
    pub(super) fn push(&mut self, topic: &str, seq: Seq) {
        let topic = self.topic(topic);
        topic.tried.remove(&seq);
        topic.rows.insert(seq);
    }

    fn topic(&mut self, name: &str) -> &mut Topic {
        if !self.topics.contains_key(name) {
            self.topics.insert(name.to_owned(), Topic::default());
        }
        self.topics.get_mut(name).expect("it was just put there")
    }

    /// The topic whose turn it is, if one is due.
    pub(super) fn due(&mut self, now: Duration) -> Option<String> {
        let behind = (Bound::Excluded(self.last.as_str()), Bound::Unbounded);
        let upto = (Bound::Unbounded, Bound::Included(self.last.as_str()));
        let mut turns = self.topics.range::<str, _>(behind).chain(self.topics.range::<str, _>(upto));
        let name = turns.find(|(_, topic)| now >= topic.at && !topic.rows.is_empty())?.0.clone();
        self.last.clone_from(&name);
        Some(name)
    }

    /// The topic is there: its rows, in order.
    pub(super) fn take(&mut self, topic: &str) -> BTreeSet<Seq> {
        let Some(topic) = self.topics.get_mut(topic) else { return BTreeSet::new() };
        let rows = std::mem::take(&mut topic.rows);
        topic.tried.extend(&rows);
        topic.attempts = 0;
        rows
    }

    /// The topic is away; it is asked for again later.
    pub(super) fn away(&mut self, topic: &str, now: Duration) {
        if let Some(topic) = self.topics.get_mut(topic) {
            topic.pause(now, topic.attempts, PAUSE_MAX);
            topic.attempts = topic.attempts.saturating_add(1);
        }
    }

    /// The topic is there, and has taken no record.
    pub(super) fn refused(&mut self, topic: &str, now: Duration) {
        let topic = self.topic(topic);
        topic.pause(now, topic.refusals, REFUSED_PAUSE_MAX);
        topic.refusals = topic.refusals.saturating_add(1);
    }

    /// The topic has taken a record.
    pub(super) fn acknowledged(&mut self, name: &str) {
        let Some(topic) = self.topics.get_mut(name) else { return };
        topic.tried.clear();
        topic.refusals = 0;
        if topic.rows.is_empty() {
            self.topics.remove(name);
        }
    }

    /// The row is gone, or has a verdict; the topic of which it was the last one.
    pub(super) fn remove(&mut self, seq: Seq) -> Option<String> {
        let (name, topic) =
            self.topics.iter_mut().find(|(_, topic)| topic.rows.contains(&seq) || topic.tried.contains(&seq))?;
        topic.rows.remove(&seq);
        topic.tried.remove(&seq);
        if !topic.rows.is_empty() || !topic.tried.is_empty() {
            return None;
        }
        let name = name.clone();
        self.topics.remove(&name);
        Some(name)
    }

    pub(super) fn clear(&mut self) {
        self.topics.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    /// Whether a topic that is there takes no record.
    pub(super) fn any_refused(&self) -> bool {
        self.topics.values().any(|topic| topic.refusals > 0)
    }

    /// When to wake up for the next question.
    pub(super) fn wake_at(&self) -> Option<Duration> {
        self.topics.values().filter(|topic| !topic.rows.is_empty()).map(|topic| topic.at).min()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Waiting;

    #[test]
    fn a_topic_that_is_away_keeps_no_other_one_waiting() {
        let mut waiting = Waiting::default();
        let now = Duration::from_secs(9);
        for (topic, seq) in [("dead", 1), ("alive", 2), ("dead", 3), ("other", 4)] {
            waiting.push(topic, seq);
        }
        let mut asked = Vec::new();
        while let Some(topic) = waiting.due(now) {
            waiting.away(&topic, now);
            asked.push(topic);
        }
        assert_eq!(asked, ["alive", "dead", "other"]);
        assert_eq!(waiting.wake_at(), Some(now + Duration::from_millis(100)));
        assert_eq!(waiting.take("dead"), [1, 3].into());
        assert_eq!(waiting.due(now + Duration::from_secs(1)).as_deref(), Some("alive"));
    }

    #[test]
    fn a_topic_that_takes_nothing_is_tried_more_and_more_seldom() {
        let (mut waiting, mut now) = (Waiting::default(), Duration::ZERO);
        waiting.push("closed", 7);
        for pause in [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000] {
            assert_eq!(waiting.due(now).as_deref(), Some("closed"));
            assert_eq!(waiting.take("closed"), [7].into());
            assert_eq!((waiting.due(now), waiting.wake_at()), (None, None), "it is on its way");
            waiting.push("closed", 7);
            waiting.refused("closed", now);
            assert!(waiting.any_refused());
            assert_eq!(waiting.wake_at(), Some(now + Duration::from_millis(pause)));
            now += Duration::from_millis(pause);
        }
        waiting.take("closed");
        waiting.acknowledged("closed");
        assert!(!waiting.any_refused() && waiting.is_empty());
    }

    #[test]
    fn a_topic_is_forgotten_with_its_last_row() {
        let mut waiting = Waiting::default();
        waiting.push("away", 1);
        waiting.push("away", 2);
        waiting.refused("away", Duration::ZERO);
        assert_eq!((waiting.remove(1), waiting.remove(9)), (None, None));
        waiting.take("away");
        assert_eq!(waiting.remove(2).as_deref(), Some("away"));
        assert!(waiting.is_empty());
    }
}
