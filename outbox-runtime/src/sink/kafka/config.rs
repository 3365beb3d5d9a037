//! Settings of a sink: what a user may choose, what the guarantees fix, and what may be shown.
//!
//! Turned into librdkafka's configuration once, when a [`KafkaSink`](super::KafkaSink) is built.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use rdkafka::ClientConfig;

use super::KafkaSink;
use crate::sink::{Class, SinkError};

/// Ceiling of one batch in bytes, below every default of `max.message.bytes`.
const BATCH_BYTES_MAX: usize = 1_000_000;
const ORDER: &str = "order and the absence of gaps depend on it";
const FOREVER: &str = "a message may only end by an answer of the broker: giving up on one would leave a gap";

/// Settings that the guarantees fix: key, value, reason. An empty value leaves librdkafka's.
const FIXED: [(&str, &str, &str); 15] = [
    ("enable.idempotence", "true", ORDER),
    ("acks", "all", "an event counts as published when all in-sync replicas have it"),
    ("request.required.acks", "", "it is another name of `acks`, which is `all`"),
    ("enable.gapless.guarantee", "true", ORDER),
    ("message.timeout.ms", "0", FOREVER),
    ("delivery.timeout.ms", "", FOREVER),
    ("message.send.max.retries", "", FOREVER),
    ("retries", "", FOREVER),
    ("partitioner", "murmur2_random", "a key has the partition that the Java client gives it"),
    ("allow.auto.create.topics", "false", "a misspelt topic must be reported, not created"),
    ("bootstrap.servers", "", "the brokers are the argument of `KafkaSink::builder`"),
    ("metadata.broker.list", "", "the brokers are the argument of `KafkaSink::builder`"),
    ("transactional.id", "", "with exactly-once delivery it is made of the log's name, otherwise there is none"),
    ("delivery.report.only.error", "", "the cursor follows the answers to all messages"),
    ("queuing.strategy", "", ORDER),
];

/// Settings with a default of ours that a user may change.
const DEFAULTS: [(&str, &str); 6] = [
    ("client.id", "outbox"),
    ("linger.ms", "1"),
    ("batch.num.messages", "10000"),
    ("queue.buffering.max.messages", "1000000"),
    ("queue.buffering.max.kbytes", "262144"),
    // The topic's own limit decides, see `TopicInfo::message_bytes_max`.
    ("message.max.bytes", "104857600"),
];

/// Settings that `Debug` shows; any other may be a secret.
const SHOWN: [&str; 16] = [
    "batch.num.messages",
    "batch.size",
    "bootstrap.servers",
    "client.id",
    "compression.codec",
    "compression.level",
    "compression.type",
    "linger.ms",
    "message.max.bytes",
    "queue.buffering.max.kbytes",
    "queue.buffering.max.messages",
    "queue.buffering.max.ms",
    "sasl.mechanism",
    "sasl.mechanisms",
    "security.protocol",
    "socket.timeout.ms",
];

/// Builder of a [`KafkaSink`]; from [`KafkaSink::builder`].
#[derive(Clone)]
pub struct KafkaSinkBuilder {
    pub(super) brokers: String,
    pub(super) settings: BTreeMap<String, String>,
    pub(super) close_within: Duration,
    pub(super) metadata_within: Duration,
    pub(super) commit_within: Duration,
    pub(super) positions_topic: String,
}

impl KafkaSinkBuilder {
    pub(super) fn new(brokers: String) -> Self {
        let (close_within, metadata_within) = (Duration::from_secs(3), Duration::from_secs(5));
        let commit_within = Duration::from_secs(60);
        let positions_topic = "outbox-positions".to_owned();
        Self { brokers, settings: BTreeMap::new(), close_within, metadata_within, commit_within, positions_topic }
    }

    /// Sets a property of librdkafka, for example `compression.type` or `sasl.password`.
    #[must_use]
    pub fn set(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.insert(key.into(), value.into());
        self
    }

    /// How long `close` and `rebuild` wait for the old producer to go; 3 s unless set.
    #[must_use]
    pub fn close_within(mut self, deadline: Duration) -> Self {
        self.close_within = deadline;
        self
    }

    /// How long a question about a topic may take; 5 s unless set.
    #[must_use]
    pub fn metadata_within(mut self, deadline: Duration) -> Self {
        self.metadata_within = deadline;
        self
    }

    /// Topic of positions, for exactly-once delivery: it must be compacted, and is made where it is missing.
    /// `outbox-positions` unless set; all logs of a cluster may share it.
    ///
    /// The relay's user needs READ, WRITE and DESCRIBE on it (CREATE where it is missing), and WRITE and DESCRIBE on
    /// transactional ids with the prefix `outbox-`.
    #[must_use]
    pub fn positions_topic(mut self, topic: impl Into<String>) -> Self {
        self.positions_topic = topic.into();
        self
    }

    /// How long the commit of a transaction may take; 60 s unless set. After that the relay asks the broker how it ended.
    #[must_use]
    pub fn commit_within(mut self, deadline: Duration) -> Self {
        self.commit_within = deadline;
        self
    }

    /// Makes the sink. Does not wait for a broker.
    ///
    /// # Errors
    /// A setting that the guarantees fix, or one that librdkafka refuses.
    pub fn build(self) -> Result<KafkaSink, SinkError> {
        for (key, _, reason) in FIXED {
            if self.settings.contains_key(key) {
                return Err(SinkError::new(
                    Class::Fatal,
                    format!(
                        "the Kafka setting `{key}` cannot be changed: {reason}; remove it from the sink's settings"
                    ),
                ));
            }
        }
        KafkaSink::from_builder(self)
    }

    /// The producer's configuration; `message_bytes_max` is the smallest limit of the topics seen so far.
    pub(super) fn producer(&self, message_bytes_max: usize) -> ClientConfig {
        let mut config = self.common();
        for (key, value, _) in FIXED.iter().filter(|(_, value, _)| !value.is_empty()) {
            config.set(*key, *value);
        }
        // A batch over the topic's limit is rejected as a whole, the good records with it.
        let chosen = self.settings.get("batch.size").and_then(|bytes| bytes.parse().ok()).unwrap_or(BATCH_BYTES_MAX);
        config.set("batch.size", chosen.min(message_bytes_max).max(1).to_string());
        config
    }

    /// Whether a message may be smaller on the wire than we can know.
    pub(super) fn compresses(&self) -> bool {
        let codec = ["compression.type", "compression.codec"].iter().find_map(|name| self.settings.get(*name));
        codec.is_some_and(|codec| codec != "none")
    }

    /// The configuration of the client that asks about topics. It sends nothing, so it needs no producer id.
    pub(super) fn admin(&self) -> ClientConfig {
        let mut config = self.common();
        config.set("allow.auto.create.topics", "false");
        config
    }

    /// The configuration of a client that reads positions.
    pub(super) fn consumer(&self, isolation_level: &str) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.brokers);
        for (key, value) in &self.settings {
            config.set(key, value);
        }
        // A client needs a group's name to read; nothing of a group is used.
        config.set("group.id", "outbox-positions");
        config.set("enable.auto.commit", "false");
        config.set("enable.partition.eof", "true");
        config.set("auto.offset.reset", "error");
        config.set("isolation.level", isolation_level);
        config
    }

    fn common(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.brokers);
        for (key, value) in DEFAULTS {
            config.set(key, value);
        }
        for (key, value) in &self.settings {
            config.set(key, value);
        }
        config
    }
}

impl fmt::Debug for KafkaSinkBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |key: &str, value: &'_ str| if SHOWN.contains(&key) { value.to_owned() } else { "***".to_owned() };
        let settings: BTreeMap<_, _> = self.settings.iter().map(|(key, value)| (key, shown(key, value))).collect();
        f.debug_struct("KafkaSinkBuilder")
            .field("brokers", &self.brokers)
            .field("settings", &settings)
            .field("close_within", &self.close_within)
            .field("metadata_within", &self.metadata_within)
            .field("commit_within", &self.commit_within)
            .field("positions_topic", &self.positions_topic)
            .finish()
    }
}
