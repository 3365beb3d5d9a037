//! The relay's metrics. Counts of a batch are added up here and handed to the recorder once.

use std::time::{Duration, Instant, SystemTime};

use metrics::{
    Counter, Gauge, Histogram, Label, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge,
    histogram,
};
use uuid::Uuid;

use super::LATENCIES_PER_BATCH;
use crate::sink::Class;

const CLASSES: [Class; 5] = [Class::Retry, Class::Park, Class::Outage, Class::Topic, Class::Fatal];

/// Handles of one relay.
pub(crate) struct Meter {
    labels: Vec<Label>,
    parked: Gauge,
    latency: Histogram,
    read: Histogram,
    lease_lost: Counter,
    restarts: Counter,
    errors: [Counter; CLASSES.len()],
    /// By the topic's index: its counter, and what is not added to it yet.
    published: Vec<Option<(Counter, u64)>>,
    /// Topics with something to add.
    touched: Vec<usize>,
    reading_since: Option<Instant>,
    /// Answers left of this batch until the next latency is noted, and between two of them.
    sample_in: usize,
    stride: usize,
}

impl Meter {
    /// Whether there is anything to count for.
    pub(crate) const ON: bool = true;

    /// Describes the metrics and registers those that have no label of their own, for the recorder of now.
    pub(crate) fn new(log: Option<&str>) -> Self {
        describe();
        gauge!("outbox_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        let labels = labels(log);
        let error = |class: Class| {
            let class = Label::from_static_parts("class", class.as_str());
            counter!("outbox_publish_errors_total", with(&labels, class))
        };
        Self {
            parked: gauge!("outbox_parked_records", labels.clone()),
            latency: histogram!("outbox_publish_latency_seconds", labels.clone()),
            read: histogram!("outbox_read_duration_seconds", labels.clone()),
            lease_lost: counter!("outbox_lease_lost_total", labels.clone()),
            restarts: counter!("outbox_producer_restarts_total", labels.clone()),
            errors: CLASSES.map(error),
            published: Vec::new(),
            touched: Vec::new(),
            reading_since: None,
            sample_in: 0,
            stride: 1,
            labels,
        }
    }

    /// A batch of `answers` comes.
    pub(crate) fn batch(&mut self, answers: usize) {
        self.stride = answers.div_ceil(LATENCIES_PER_BATCH).max(1);
        self.sample_in = 0;
    }

    /// A record of the topic with this index was acknowledged; whether its latency is wanted.
    pub(crate) fn acknowledged(&mut self, topic: usize, name: &str) -> bool {
        if self.published.len() <= topic {
            self.published.resize_with(topic + 1, || None);
        }
        if let Some(slot) = self.published.get_mut(topic) {
            let (_, count) = slot.get_or_insert_with(|| {
                let labels = with(&self.labels, Label::new("topic", name.to_owned()));
                (counter!("outbox_published_total", labels), 0)
            });
            if *count == 0 {
                self.touched.push(topic);
            }
            *count += 1;
        }
        let sampled = self.sample_in == 0;
        self.sample_in = if sampled { self.stride } else { self.sample_in } - 1;
        sampled
    }

    /// The time of an event is in its id.
    pub(crate) fn latency(&self, id: Uuid) {
        let Some((seconds, nanoseconds)) = id.get_timestamp().map(|timestamp| timestamp.to_unix()) else { return };
        let made = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds);
        // A clock that was set back says nothing about the relay.
        if let Ok(latency) = SystemTime::now().duration_since(made) {
            self.latency.record(latency);
        }
    }

    /// The batch is over.
    pub(crate) fn flush(&mut self) {
        for topic in self.touched.drain(..) {
            if let Some(Some((counter, count))) = self.published.get_mut(topic) {
                counter.increment(std::mem::take(count));
            }
        }
    }

    /// What was acknowledged since the last flush is taken back.
    pub(crate) fn drop_unflushed(&mut self) {
        for topic in self.touched.drain(..) {
            if let Some(Some((_, count))) = self.published.get_mut(topic) {
                *count = 0;
            }
        }
    }

    pub(crate) fn failed(&self, class: Class) {
        if let Some(counter) = CLASSES.iter().position(|known| *known == class).and_then(|at| self.errors.get(at)) {
            counter.increment(1);
        }
    }

    pub(crate) fn parked(&self, rows: usize) {
        self.parked.set(rows as f64);
    }

    pub(crate) fn read_started(&mut self) {
        self.reading_since = Some(Instant::now());
    }

    pub(crate) fn read_ended(&mut self) {
        if let Some(since) = self.reading_since.take() {
            self.read.record(since.elapsed());
        }
    }

    pub(crate) fn lease_lost(&self) {
        self.lease_lost.increment(1);
    }

    pub(crate) fn producer_restarted(&self) {
        self.restarts.increment(1);
    }
}

/// How far publishing is behind.
pub(crate) struct LagMeter {
    backlog: Gauge,
    oldest_pending: Gauge,
}

impl LagMeter {
    pub(crate) fn new(log: Option<&str>) -> Self {
        Self {
            backlog: gauge!("outbox_backlog_records", labels(log)),
            oldest_pending: gauge!("outbox_oldest_pending_seconds", labels(log)),
        }
    }

    pub(crate) fn set(&self, backlog_records: u64, oldest_pending: Option<Duration>) {
        self.backlog.set(backlog_records as f64);
        self.oldest_pending.set(oldest_pending.unwrap_or_default());
    }
}

fn labels(log: Option<&str>) -> Vec<Label> {
    log.map(|log| Label::new("log", log.to_owned())).into_iter().collect()
}

fn with(labels: &[Label], more: Label) -> Vec<Label> {
    labels.iter().cloned().chain([more]).collect()
}

fn describe() {
    describe_gauge!("outbox_build_info", "1; the label says which version of outbox this is");
    describe_gauge!(
        "outbox_backlog_records",
        Unit::Count,
        "At most so many records wait to be published: positions behind the cursor, gaps included"
    );
    describe_gauge!(
        "outbox_oldest_pending_seconds",
        Unit::Seconds,
        "Age of the first record that waits to be published; 0 when none does"
    );
    describe_gauge!("outbox_parked_records", Unit::Count, "Records in the parked table");
    describe_counter!(
        "outbox_published_total",
        Unit::Count,
        "Records acknowledged by the broker; exactly once: and committed"
    );
    describe_counter!(
        "outbox_publish_errors_total",
        Unit::Count,
        "Answers of the broker that are no acknowledgement, by what is done about them"
    );
    describe_counter!("outbox_lease_lost_total", Unit::Count, "Times that this relay lost the log");
    describe_counter!("outbox_producer_restarts_total", Unit::Count, "Producers made anew");
    describe_histogram!(
        "outbox_publish_latency_seconds",
        Unit::Seconds,
        "From the time in a record's id to the broker's acknowledgement; of large batches a sample"
    );
    describe_histogram!("outbox_read_duration_seconds", Unit::Seconds, "One read of the log");
}
