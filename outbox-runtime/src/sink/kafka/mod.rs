//! The sink for Apache Kafka, on librdkafka: ordered, idempotent, without gaps.
//!
//! Settings ([`KafkaSinkBuilder`]) → producer and poll thread → answers; `transactions` and `positions` for exactly-once. There is one enqueue path, [`Sink::send`] with
//! `&mut self`, because concurrent sends of one key invert (T9).

mod classify;
mod config;
mod murmur2;
mod positions;
mod producer;
mod refused;
mod topics;
mod transactions;

use std::fmt;

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::BaseRecord;

use super::{Class, Delivery, Message, SendError, Sink, SinkError, TopicInfo};
use classify::{classify, classify_error};
pub use config::KafkaSinkBuilder;
pub use murmur2::{murmur2, partition};
use producer::{Lane, LastError};
use topics::Topics;

/// Messages without a key that share a partition before another is drawn: batches stay large.
const STICKY: u32 = 1_000;

/// Publishes to Kafka in order, each message acknowledged by all in-sync replicas.
pub struct KafkaSink {
    builder: KafkaSinkBuilder,
    topics: Topics,
    last_error: LastError,
    /// `None` only after a rebuild that could not start a new producer.
    lane: Option<Lane>,
    sticky: (u32, u32),
    /// Of the topic of positions, once it was asked for.
    positions_partitions: Option<i32>,
}

impl KafkaSink {
    /// A sink for `brokers` (`host:port,host:port`). Does not wait for a broker.
    ///
    /// # Errors
    /// [`SinkError`] when librdkafka refuses the brokers' names.
    pub fn new(brokers: impl Into<String>) -> Result<Self, SinkError> {
        Self::builder(brokers).build()
    }

    /// A sink with settings of its own.
    pub fn builder(brokers: impl Into<String>) -> KafkaSinkBuilder {
        KafkaSinkBuilder::new(brokers.into())
    }

    fn from_builder(builder: KafkaSinkBuilder) -> Result<Self, SinkError> {
        let last_error = LastError::default();
        let (brokers, within) = (builder.brokers.clone(), builder.metadata_within);
        let topics = Topics::new(&builder.admin(), brokers, within, last_error.clone())?;
        let lane = Lane::start(&builder.producer(topics.message_bytes_max), last_error.clone())?;
        Ok(Self { builder, topics, last_error, lane: Some(lane), sticky: (0, 0), positions_partitions: None })
    }
}

impl fmt::Debug for KafkaSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaSink").field("builder", &self.builder).finish_non_exhaustive()
    }
}

impl Sink for KafkaSink {
    async fn topic(&mut self, topic: &str) -> Result<TopicInfo, SinkError> {
        let info = self.topics.get(topic).await?;
        // The broker measures what is compressed: only it can say that a message is too large.
        let message_bytes_max = if self.builder.compresses() { usize::MAX } else { info.message_bytes_max };
        Ok(TopicInfo { message_bytes_max, ..info })
    }

    fn partition(&mut self, key: Option<&[u8]>, partitions: i32) -> i32 {
        if let Some(key) = key {
            return murmur2::partition(key, partitions);
        }
        let (random, left) = &mut self.sticky;
        if *left == 0 {
            (*random, *left) = (fastrand::u32(..) & 0x7fff_ffff, STICKY);
        }
        *left -= 1;
        *random as i32 % partitions.max(1)
    }

    fn send(&mut self, message: Message<'_>) -> Result<(), SendError> {
        let Some(lane) = &mut self.lane else {
            let error =
                SinkError::new(Class::Fatal, "there is no Kafka producer: the last rebuild failed; rebuild again");
            return Err(SendError::Refused(error));
        };
        // 64-bit targets only, see `producer`.
        let mut record = BaseRecord::<[u8], [u8], usize>::with_opaque_to(message.topic, message.token as usize)
            .partition(message.partition);
        record.key = message.key;
        record.payload = message.payload;
        if !message.headers.is_empty() {
            let headers = OwnedHeaders::new_with_capacity(message.headers.len());
            record.headers = Some(
                message.headers.iter().fold(headers, |headers, &(key, value)| headers.insert(Header { key, value })),
            );
        }
        match lane.send(record) {
            Ok(()) => Ok(()),
            Err(KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)) if lane.unanswered > 0 => {
                Err(SendError::Full)
            }
            Err(KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)) => {
                let what = "the message alone does not fit the producer's queue: raise `queue.buffering.max.kbytes`";
                Err(SendError::Refused(SinkError::new(Class::Park, what)))
            }
            Err(error) => {
                let what = format!("publishing to topic `{}`, partition {}", message.topic, message.partition);
                let judged = error.rdkafka_error_code().map(|code| classify(code, &what));
                Err(SendError::Refused(judged.unwrap_or_else(|| classify_error(&error, &what))))
            }
        }
    }

    fn trouble(&self) -> Option<String> {
        self.last_error.get()
    }

    async fn deliveries(&mut self, into: &mut Vec<Delivery>) {
        let Some(lane) = &mut self.lane else { return std::future::pending().await };
        let before = into.len();
        lane.deliveries(into).await;
        let contradicts = |class| matches!(class, Class::Park | Class::Outage | Class::Topic);
        if into.iter().skip(before).any(|answer| answer.result.as_ref().is_err_and(|error| contradicts(error.class))) {
            self.topics.forget();
        }
    }

    async fn rebuild(&mut self) -> Result<(), SinkError> {
        if let Some(lane) = self.lane.take() {
            lane.stop(self.builder.close_within).await;
        }
        let config = self.builder.producer(self.topics.message_bytes_max);
        self.lane = Some(Lane::start(&config, self.last_error.clone())?);
        Ok(())
    }

    async fn close(mut self) {
        if let Some(lane) = self.lane.take() {
            transactions::give_up(&lane, self.builder.close_within).await;
            lane.stop(self.builder.close_within).await;
        }
    }
}
