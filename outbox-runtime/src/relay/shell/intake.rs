//! From pages and rows to the machine: topics are looked up, sizes checked, keys hashed.

use std::time::Duration;

use super::{Shell, topics::Topics};
use crate::relay::machine::{Event, Input, RowInput};
use crate::relay::message::MessageBuilder;
use crate::sink::{Class, Sink, SinkError, TopicInfo};
use crate::store::{Loaded, Page, ParkedState, Store, StoredRecord};

/// A topic the sink is to be asked about.
pub(super) struct Wanted {
    topic: String,
    /// For rows of the table; otherwise for the page.
    for_rows: bool,
}

const TOPIC_PAUSE_MIN: Duration = Duration::from_millis(100);
const TOPIC_PAUSE_MAX: Duration = Duration::from_secs(2);
/// Questions of a page about a topic that is away, before its records wait beside the log: about two seconds.
const TOPIC_ATTEMPTS: u32 = 5;

impl<S: Store, K: Sink> Shell<S, K> {
    /// The new owner's start: rows first, then the log from the cursor on.
    pub(super) fn loaded(&mut self, loaded: Loaded<S::Cursor>) {
        self.pages = super::Pages::new();
        self.pages.next = Some(loaded.cursor);
        self.waiting.clear();
        self.topics.forget_away();
        let mut rows = Vec::with_capacity(loaded.parked.len());
        for (seq, row) in (0..).zip(loaded.parked) {
            let is_auto = row.state == ParkedState::Auto;
            let key = self.topics.key_hash(&row.record.topic, row.record.key.as_deref());
            rows.push(RowInput { key, state: row.state, lane: None });
            if is_auto {
                self.waiting.push(&row.record.topic, seq);
            }
            self.pages.add_row(seq, row.record, None, is_auto);
        }
        self.machine.handle(self.now(), Event::Loaded(&rows));
    }

    /// A page was read.
    pub(super) fn page(&mut self, page: Page<S::Cursor>) {
        self.idle = page.records.is_empty() && !page.more;
        self.intake = Some(page.more);
        self.room.read(page.records.len(), page.records.iter().map(StoredRecord::bytes).sum(), page.more);
        if !page.records.is_empty() {
            self.topics.next_page();
        }
        self.pages.push(self.machine.log_end(), page);
    }

    /// Hands pages and rows to the machine, up to the first topic that the sink has to look up.
    pub(super) fn take_in(&mut self) {
        loop {
            let page_topic = self.take_in_page();
            if !self.sink.is_ready() || self.draining {
                return;
            }
            let wanted = match page_topic.filter(|_| self.now() >= self.topic_at) {
                Some(topic) => Some(Wanted { topic, for_rows: false }),
                None => self.take_in_rows(),
            };
            let Some(wanted) = wanted else { return };
            let answer = self.sink.ask(&wanted.topic);
            self.asked = Some(wanted);
            match answer {
                Some(result) => self.topic_answered(result),
                None => return,
            }
        }
    }

    fn take_in_page(&mut self) -> Option<String> {
        let more = self.intake?;
        let super::Slot::Ready(sink) = &mut self.sink else { return None };
        let mut inputs = Vec::new();
        let mut wanted = None;
        while let Some(record) = self.pages.next_without_lane() {
            let away = self.topics.away(&record.topic);
            let Some(topic) = away.or_else(|| self.topics.fresh(&record.topic)) else {
                wanted = Some(record.topic.clone());
                break;
            };
            let mut input = input(sink, &mut self.topics, &mut self.messages, topic, record);
            if away.is_some() {
                (input.waits, input.refused) = (true, false);
            }
            if input.refused {
                let seq = self.machine.log_end() + inputs.len() as u64;
                self.causes.insert(seq, refusal(&self.topics, topic, record));
            }
            self.pages.set_lane(input.lane);
            inputs.push(input);
        }
        let done = wanted.is_none();
        if done {
            self.intake = None;
        }
        if done || !inputs.is_empty() {
            self.machine.handle(self.started.elapsed(), Event::Read { records: &inputs, done, more });
            self.again = true;
        }
        wanted
    }

    /// Gives rows their partitions, topic by topic, up to the first one to be asked for.
    fn take_in_rows(&mut self) -> Option<Wanted> {
        loop {
            let topic = self.waiting.due(self.now())?;
            let Some(index) = self.topics.fresh(&topic) else {
                return Some(Wanted { topic, for_rows: true });
            };
            let super::Slot::Ready(sink) = &mut self.sink else { return None };
            for seq in self.waiting.take(&topic) {
                let Some(record) = self.pages.row(seq) else { continue };
                let lane = input(sink, &mut self.topics, &mut self.messages, index, record).lane;
                self.pages.set_row_lane(seq, lane);
                self.machine.handle(self.started.elapsed(), Event::RowLane(seq, lane));
                self.again = true;
            }
        }
    }

    /// Rule 9 for topics that went away with records in flight: what was read of them waits beside the log.
    pub(super) fn topics_lost(&mut self) {
        for topic in std::mem::take(&mut self.lost) {
            self.topics.set_away(&topic);
            let lanes = self.topics.lanes(&topic);
            for seq in self.pages.forget_lanes(&lanes) {
                self.waiting.push(&topic, seq);
            }
            self.waiting.refused(&topic, self.now());
            self.machine.handle(self.now(), Event::LanesAway(&lanes));
        }
    }

    /// The sink's answer about a topic.
    pub(super) fn topic_answered(&mut self, result: Result<TopicInfo, SinkError>) {
        let Some(wanted) = self.asked.take() else { return };
        if let Err(error) = &result {
            self.meter.failed(error.class);
        }
        match result {
            Ok(info) => {
                self.topic_attempts = 0;
                self.topics.set(&wanted.topic, info);
            }
            // No such topic can ever be: its records are refused one by one.
            Err(error) if error.class == Class::Park => {
                self.topic_attempts = 0;
                self.topics.set(&wanted.topic, TopicInfo { partitions: 1, message_bytes_max: 0 });
            }
            Err(error) if wanted.for_rows => {
                self.waiting.away(&wanted.topic, self.now());
                if error.class == Class::Topic {
                    self.topics.set_away(&wanted.topic);
                }
                self.note_outage(Some(wanted.topic), error.message);
            }
            // Its records wait beside the log, in the table; the others flow.
            Err(error) if error.class == Class::Topic && self.topic_attempts >= TOPIC_ATTEMPTS => {
                self.topic_attempts = 0;
                self.topics.set_away(&wanted.topic);
                self.note_outage(Some(wanted.topic), error.message);
            }
            Err(error) => {
                let pause = TOPIC_PAUSE_MIN.saturating_mul(1 << self.topic_attempts.min(5)).min(TOPIC_PAUSE_MAX);
                self.topic_at = self.now() + pause;
                self.topic_attempts = self.topic_attempts.saturating_add(1);
                self.note_outage(Some(wanted.topic), error.message);
            }
        }
    }
}

fn input<K: Sink>(
    sink: &mut K,
    topics: &mut Topics,
    messages: &mut MessageBuilder,
    topic: usize,
    record: &StoredRecord,
) -> Input {
    let key = record.key.as_deref();
    let info = topics.get_mut(topic).map_or(TopicInfo { partitions: 1, message_bytes_max: 0 }, |topic| topic.info);
    let lane = topics.lane(topic, sink.partition(key, info.partitions));
    let barrier = topics.get_mut(topic).is_some_and(|topic| std::mem::take(&mut topic.moved));
    let bytes = u32::try_from(messages.bytes(record)).unwrap_or(u32::MAX);
    let refused = messages.is_over(record, info.message_bytes_max);
    Input { lane, key: topics.key_hash(&record.topic, key), bytes, refused, waits: false, barrier }
}

fn refusal(topics: &Topics, topic: usize, record: &StoredRecord) -> String {
    let limit = topics.get(topic).map_or(0, |topic| topic.info.message_bytes_max);
    if limit == 0 {
        return format!("the sink does not accept the topic `{}`: correct its name in the event", record.topic);
    }
    format!(
        "the message is larger than the {limit} B that topic `{}` accepts: raise `max.message.bytes` on the topic, or send a reference to the data",
        record.topic
    )
}
