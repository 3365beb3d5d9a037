//! Where records are published: Kafka, or memory, behind one trait.
//!
//! Last station. A sink knows neither a store nor the relay: it takes messages with a token and answers by token.

use std::future::Future;

mod error;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod memory;
mod transactional;
pub use error::{Class, SinkError};
#[cfg(feature = "kafka")]
pub use kafka::KafkaSink;
pub use memory::MemorySink;
pub use transactional::TransactionalSink;

/// What a sink knows about a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopicInfo {
    /// Number of partitions, at least 1.
    pub partitions: i32,
    /// Largest message in bytes: key, headers, value and framing. `usize::MAX` where only the broker can tell.
    pub message_bytes_max: usize,
}

/// One message to publish.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Chosen by the caller, comes back in the [`Delivery`].
    pub token: u64,
    /// Topic.
    pub topic: &'a str,
    /// Partition, from [`Sink::partition`].
    pub partition: i32,
    /// Key.
    pub key: Option<&'a [u8]>,
    /// Value; `None` is a tombstone.
    pub payload: Option<&'a [u8]>,
    /// Headers in order.
    pub headers: &'a [(&'a str, Option<&'a [u8]>)],
}

/// The answer to one [`Message`].
#[derive(Debug)]
pub struct Delivery {
    /// Token of the message.
    pub token: u64,
    /// `Ok` when all in-sync replicas have it.
    pub result: Result<(), SinkError>,
}

/// Why [`Sink::send`] did not take a message.
#[derive(Debug)]
pub enum SendError {
    /// The queue is full: take deliveries, then send again. Nothing was sent.
    Full,
    /// This message was refused at once. Nothing was sent.
    Refused(SinkError),
}

/// A connection to a broker that publishes in order.
///
/// Per partition, messages land in the order of `send`, and the acknowledged set is a prefix of what was sent
/// ("gapless"), until [`Sink::rebuild`].
pub trait Sink: Send + 'static {
    /// Partitions and limits of `topic`, cached and refreshed by the sink. Cancel-safe.
    ///
    /// # Errors
    /// [`SinkError`] of class [`Class::Topic`] when the topic is not there, [`Class::Outage`] when the broker is not.
    fn topic(&mut self, topic: &str) -> impl Future<Output = Result<TopicInfo, SinkError>> + Send;

    /// The partition of a key among `partitions`: equal keys, equal partitions. Without a key any partition.
    fn partition(&mut self, key: Option<&[u8]>, partitions: i32) -> i32;

    /// Hands one message over; never waits.
    ///
    /// # Errors
    /// [`SendError`].
    fn send(&mut self, message: Message<'_>) -> Result<(), SendError>;

    /// Waits until at least one message is answered and appends the answers to `into`. Cancel-safe: an answer is
    /// handed out once and never lost.
    fn deliveries(&mut self, into: &mut Vec<Delivery>) -> impl Future<Output = ()> + Send;

    /// What the connection to the broker said last, for people; asked while messages wait for their answers. Nothing by
    /// default.
    fn trouble(&self) -> Option<String> {
        None
    }

    /// Drops everything unanswered and starts a fresh producer. No answer of the old one comes out afterwards.
    /// What was unanswered may have been published or not.
    ///
    /// # Errors
    /// [`SinkError`] when no new producer can be made.
    fn rebuild(&mut self) -> impl Future<Output = Result<(), SinkError>> + Send;

    /// Closes within a deadline, also with the broker down.
    fn close(self) -> impl Future<Output = ()> + Send;
}
