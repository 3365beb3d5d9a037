//! The topic of positions: where each log stands, as the last committed message under its name.
//!
//! A log has a partition by its name. Where two share one, nothing but a moment is lost: positions are told apart by key,
//! and a reader waits for the transactions that are open there.

use std::thread;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminOptions, NewTopic, TopicReplication};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message as _;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use uuid::Uuid;

use super::classify::{classify, classify_error};
use super::config::KafkaSinkBuilder;
use super::murmur2;
use super::producer::on_thread;
use super::topics::Topics;
use crate::sink::{Class, SinkError};

/// Partitions of a topic that is made here: so many logs can hardly get into each other's way.
const PARTITIONS: i32 = 16;
/// Settings of a topic that is made here. Compaction keeps the last position of each log, and nothing else is of use.
const SETTINGS: [(&str, &str); 3] =
    [("cleanup.policy", "compact"), ("segment.bytes", "16777216"), ("min.cleanable.dirty.ratio", "0.1")];
/// How far from the end the search for a position begins; each further try goes so many times farther.
const BACK: i64 = 1_000;
const FARTHER: i64 = 16;
const PAUSE: Duration = Duration::from_millis(20);
/// How long an error may be one of a moment.
const MOMENT: Duration = Duration::from_secs(2);

/// The partition of a log.
pub(super) fn partition(log: Uuid, partitions: i32) -> i32 {
    murmur2::partition(log.to_string().as_bytes(), partitions)
}

/// The number of partitions; the topic is made where it is missing.
pub(super) async fn ensure(topics: &mut Topics, builder: &KafkaSinkBuilder) -> Result<i32, SinkError> {
    let topic = &builder.positions_topic;
    match topics.get(topic).await {
        Err(error) if error.class == Class::Topic => create(topics, builder).await?,
        Err(error) => return Err(error),
        Ok(_) => {}
    }
    let info = topics.get(topic).await?;
    match topics.setting(topic, "cleanup.policy").await {
        Some(policy) if policy != "compact" => Err(SinkError::new(
            Class::Outage,
            format!(
                "the topic of positions `{topic}` has `cleanup.policy={policy}`, so that positions would be lost with time; \
                 nothing was sent: set `cleanup.policy=compact` on it [OBX-173]"
            ),
        )),
        _ => Ok(info.partitions),
    }
}

async fn create(topics: &Topics, builder: &KafkaSinkBuilder) -> Result<(), SinkError> {
    let topic = &builder.positions_topic;
    // -1: what the brokers are set to.
    let mut new = NewTopic::new(topic, PARTITIONS, TopicReplication::Fixed(-1));
    for (key, value) in SETTINGS {
        new = new.set(key, value);
    }
    let options = AdminOptions::new().operation_timeout(Some(builder.metadata_within));
    let what = format!("creating the topic of positions `{topic}`");
    let client = topics.client();
    let answers = client.create_topics([&new], &options).await.map_err(|error| classify_error(&error, &what))?;
    match answers.into_iter().next() {
        None | Some(Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => {
            tracing::info!(topic, "the topic of positions is there");
            await_topic(topics, topic, builder.metadata_within).await
        }
        Some(Err((_, code))) => {
            let SinkError { message, .. } = classify(code, &what);
            let settings = SETTINGS.map(|(key, value)| format!("--config {key}={value}")).join(" ");
            Err(SinkError::new(
                Class::Outage,
                format!(
                    "{message}; exactly-once delivery needs it: create it with `kafka-topics.sh --create --topic {topic} \
                     --partitions {PARTITIONS} {settings}`, or let the relay's user do it [OBX-173]"
                ),
            ))
        }
    }
}

/// A topic that was just made takes a moment to be known everywhere.
async fn await_topic(topics: &Topics, topic: &str, within: Duration) -> Result<(), SinkError> {
    let started = Instant::now();
    loop {
        match topics.partitions(topics.client(), topic).await {
            Err(_) if started.elapsed() < within => tokio::time::sleep(PAUSE).await,
            result => return result.map(drop),
        }
    }
}

/// The position of `log` committed last.
pub(super) async fn read(builder: &KafkaSinkBuilder, log: Uuid, partitions: i32) -> Result<Option<Vec<u8>>, SinkError> {
    let reader = Reader {
        place: (builder.positions_topic.clone(), partition(log, partitions)),
        key: log.to_string(),
        within: builder.commit_within,
        all: builder.consumer("read_uncommitted"),
        committed: builder.consumer("read_committed"),
    };
    // Clients are made and dropped there too: a drop can hang (T28).
    on_thread("outbox-kafka-position", move || reader.read()).await?
}

struct Reader {
    place: (String, i32),
    key: String,
    within: Duration,
    all: ClientConfig,
    committed: ClientConfig,
}

impl Reader {
    /// A partition that was just made, or is moving, has no leader for a moment.
    fn read(&self) -> Result<Option<Vec<u8>>, SinkError> {
        let started = Instant::now();
        loop {
            match self.try_read(started) {
                Err(error) if error.class != Class::Fatal && started.elapsed() < MOMENT => thread::sleep(PAUSE),
                result => return result,
            }
        }
    }

    fn try_read(&self, started: Instant) -> Result<Option<Vec<u8>>, SinkError> {
        let (first, end) = self.ends(&self.client(&self.all)?)?;
        let consumer = self.client(&self.committed)?;
        // An open transaction hides what was committed behind it: up to its end nothing can be said.
        while self.ends(&consumer)?.1 < end {
            if started.elapsed() > self.within {
                let (topic, partition) = &self.place;
                let what =
                    format!("a transaction in `{topic}`, partition {partition}, stays open and hides the position");
                return Err(SinkError::new(Class::Outage, format!("{what}; it ends by its `transaction.timeout.ms`")));
            }
            thread::sleep(PAUSE);
        }
        let mut back = BACK;
        loop {
            let from = first.max(end.saturating_sub(back));
            let found = self.last(&consumer, from, started)?;
            if found.is_some() || from <= first {
                return Ok(found);
            }
            back = back.saturating_mul(FARTHER);
        }
    }

    /// The last message of this log from offset `from` to the end.
    fn last(&self, consumer: &BaseConsumer, from: i64, started: Instant) -> Result<Option<Vec<u8>>, SinkError> {
        let (topic, partition) = &self.place;
        let mut assignment = TopicPartitionList::new();
        let assigned = assignment
            .add_partition_offset(topic, *partition, Offset::Offset(from))
            .and_then(|()| consumer.assign(&assignment));
        assigned.map_err(|error| self.judge(&error))?;
        let mut found = None;
        while started.elapsed() < self.within {
            match consumer.poll(PAUSE) {
                None => {}
                Some(Ok(message)) if message.key() == Some(self.key.as_bytes()) => {
                    found = message.payload().map(<[u8]>::to_vec);
                }
                Some(Ok(_)) => {}
                Some(Err(KafkaError::PartitionEOF(_))) => return Ok(found),
                // Nothing of the group is used, so nobody has to grant it.
                Some(Err(error)) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::GroupAuthorizationFailed) => {}
                Some(Err(error)) => return Err(self.judge(&error)),
            }
        }
        let what =
            format!("reading positions from `{topic}`, partition {partition}, took longer than {:?}", self.within);
        Err(SinkError::new(Class::Outage, what))
    }

    /// Offset of the first message and behind the last one that the client sees.
    fn ends(&self, consumer: &BaseConsumer) -> Result<(i64, i64), SinkError> {
        let (topic, partition) = &self.place;
        consumer.fetch_watermarks(topic, *partition, self.within).map_err(|error| self.judge(&error))
    }

    fn client(&self, config: &ClientConfig) -> Result<BaseConsumer, SinkError> {
        config.create().map_err(|error| self.judge(&error))
    }

    fn judge(&self, error: &KafkaError) -> SinkError {
        let (topic, partition) = &self.place;
        classify_error(error, &format!("reading positions from `{topic}`, partition {partition}"))
    }
}
