//! Rows of the parked table that have no partition yet, by topic: each topic is asked for by itself, so that one that is
//! away keeps no other one waiting (rule 9).

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::time::Duration;

use crate::relay::machine::Seq;

const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
struct Topic {
    rows: VecDeque<Seq>,
    /// When it is asked for again.
    at: Duration,
    attempts: u32,
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
        match self.topics.get_mut(topic) {
            Some(topic) => topic.rows.push_back(seq),
            None => drop(self.topics.insert(topic.to_owned(), Topic { rows: [seq].into(), ..Topic::default() })),
        }
    }

    /// The topic whose turn it is, if one is due.
    pub(super) fn due(&mut self, now: Duration) -> Option<String> {
        let behind = (Bound::Excluded(self.last.as_str()), Bound::Unbounded);
        let upto = (Bound::Unbounded, Bound::Included(self.last.as_str()));
        let mut turns = self.topics.range::<str, _>(behind).chain(self.topics.range::<str, _>(upto));
        let name = turns.find(|(_, topic)| now >= topic.at)?.0.clone();
        self.last.clone_from(&name);
        Some(name)
    }

    /// The topic is there: its rows, in the order in which they came.
    pub(super) fn take(&mut self, topic: &str) -> VecDeque<Seq> {
        self.topics.remove(topic).map(|topic| topic.rows).unwrap_or_default()
    }

    /// The topic is away; it is asked for again later.
    pub(super) fn away(&mut self, topic: &str, now: Duration) {
        if let Some(topic) = self.topics.get_mut(topic) {
            topic.at = now + PAUSE_MIN.saturating_mul(1 << topic.attempts.min(5)).min(PAUSE_MAX);
            topic.attempts = topic.attempts.saturating_add(1);
        }
    }

    pub(super) fn clear(&mut self) {
        self.topics.clear();
    }

    /// When to wake up for the next question.
    pub(super) fn wake_at(&self) -> Option<Duration> {
        self.topics.values().map(|topic| topic.at).min()
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
        assert_eq!(waiting.take("dead"), [1, 3]);
        assert_eq!(waiting.due(now + Duration::from_secs(1)).as_deref(), Some("alive"));
    }
}
