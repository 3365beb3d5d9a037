//! Spans "send {topic}": one for what is handed to the sink of a topic in one go, open until all of it is answered.
//!
//! Level DEBUG, target `outbox::send`: off, they cost a comparison for each record.

use std::collections::{HashMap, VecDeque};

use tracing::field::Empty;
use tracing::{Level, Span, debug_span, span_enabled};

use crate::sink::Class;

/// A span that is open.
struct Batch {
    span: Span,
    topic: usize,
    records: usize,
    answered: usize,
}

/// What is on its way, by batch. Answers of a lane come in the order of its sends.
#[derive(Default)]
pub(crate) struct Sending {
    enabled: bool,
    batches: HashMap<u64, Batch>,
    /// Number of the next batch.
    next: u64,
    /// The first of the hand-over under way, which is not answered before its end.
    first: u64,
    /// Of each lane, batches in order and how many of their records are on their way there.
    lanes: HashMap<u32, VecDeque<(u64, usize)>>,
}

impl Sending {
    /// A hand-over begins.
    pub(crate) fn begin(&mut self) {
        self.enabled = span_enabled!(target: "outbox::send", Level::DEBUG);
        self.first = self.next;
    }

    /// The sink took a record.
    #[inline]
    pub(crate) fn sent(&mut self, lane: u32, topic: usize, name: &str) {
        if self.enabled {
            self.add(lane, topic, name);
        }
    }

    fn add(&mut self, lane: u32, topic: usize, name: &str) {
        let found = (self.first..self.next).find(|it| self.batches.get(it).is_some_and(|batch| batch.topic == topic));
        let number = found.unwrap_or_else(|| {
            let batch = Batch { span: span(name), topic, records: 0, answered: 0 };
            self.batches.insert(self.next, batch);
            self.next += 1;
            self.next - 1
        });
        if let Some(batch) = self.batches.get_mut(&number) {
            batch.records += 1;
        }
        let queue = self.lanes.entry(lane).or_default();
        match queue.back_mut() {
            Some((last, records)) if *last == number => *records += 1,
            _ => queue.push_back((number, 1)),
        }
    }

    /// Whether any span is open.
    pub(crate) fn is_open(&self) -> bool {
        !self.batches.is_empty()
    }

    /// A record of `lane` was answered.
    pub(crate) fn answered(&mut self, lane: u32, error: Option<Class>) {
        let Some(queue) = self.lanes.get_mut(&lane) else { return };
        let Some((number, left)) = queue.front_mut() else { return };
        let number = *number;
        *left -= 1;
        if *left == 0 {
            queue.pop_front();
        }
        let Some(batch) = self.batches.get_mut(&number) else { return };
        if let Some(class) = error {
            batch.span.record("error.type", class.as_str());
        }
        batch.answered += 1;
        if batch.answered == batch.records {
            batch.span.record("messaging.batch.message_count", batch.records);
            self.batches.remove(&number);
        }
    }

    /// The producer is dropped, with what it had not finished.
    pub(crate) fn dropped(&mut self) {
        for batch in self.batches.values() {
            batch.span.record("messaging.batch.message_count", batch.records);
            batch.span.record("error.type", Class::Fatal.as_str());
        }
        self.batches.clear();
        self.lanes.clear();
    }
}

fn span(topic: &str) -> Span {
    debug_span!(
        target: "outbox::send",
        parent: None,
        "send",
        otel.name = format_args!("send {topic}"),
        otel.kind = "client",
        messaging.system = "kafka",
        messaging.operation.name = "send",
        messaging.operation.r#type = "send",
        messaging.destination.name = topic,
        messaging.batch.message_count = Empty,
        error.r#type = Empty,
    )
}
