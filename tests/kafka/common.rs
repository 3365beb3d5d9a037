//! Topics of a test's own, sending with an answer for each message, and reading back what is in a topic.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use outbox_runtime::sink::{Class, Delivery, KafkaSink, Message, SendError, Sink};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Headers, Message as _};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

/// Longer than anything here takes, shorter than a developer's patience.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A message as read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) partition: i32,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) payload: Option<Vec<u8>>,
    pub(crate) headers: Vec<(String, Option<Vec<u8>>)>,
}

pub(crate) fn brokers() -> String {
    std::env::var("KAFKA_BROKERS").expect("KAFKA_BROKERS is not set: run `cargo xtask test`, or name a Kafka broker")
}

/// A new topic with a name of its own.
pub(crate) async fn create_topic(test: &str, partitions: i32, settings: &[(&str, &str)]) -> String {
    let name = format!("{test}-{}", uuid::Uuid::now_v7());
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", brokers()).create().expect("admin client");
    let mut topic = NewTopic::new(&name, partitions, TopicReplication::Fixed(1));
    for (key, value) in settings {
        topic = topic.set(key, value);
    }
    let answers = admin.create_topics([&topic], &AdminOptions::new()).await.expect("the broker answers");
    answers.into_iter().for_each(|answer| {
        answer.expect("the topic is created");
    });
    name
}

/// A message with a decimal payload.
pub(crate) fn send(sink: &mut KafkaSink, topic: &str, partition: i32, token: u64) -> Result<(), SendError> {
    let payload = token.to_string();
    let payload = Some(payload.as_bytes());
    sink.send(Message { token, topic, partition, key: Some(b"k"), payload, headers: &[] })
}

/// Sends all of `tokens` by one loop that takes answers when the queue is full; the answers that came meanwhile.
pub(crate) async fn send_all(
    sink: &mut KafkaSink,
    topic: &str,
    partition: i32,
    tokens: std::ops::Range<u64>,
) -> Vec<Delivery> {
    let mut answers = Vec::new();
    for token in tokens {
        loop {
            match send(sink, topic, partition, token) {
                Ok(()) => break,
                Err(SendError::Full) => deliveries(sink, &mut answers).await,
                Err(SendError::Refused(error)) => panic!("message {token} refused: {error}"),
            }
        }
    }
    answers
}

pub(crate) async fn deliveries(sink: &mut KafkaSink, into: &mut Vec<Delivery>) {
    tokio::time::timeout(PATIENCE, sink.deliveries(into)).await.expect("an answer comes");
}

/// Waits until `count` answers are in.
pub(crate) async fn answered(sink: &mut KafkaSink, answers: &mut Vec<Delivery>, count: usize) {
    while answers.len() < count {
        deliveries(sink, answers).await;
    }
}

/// How many answers there are of each class; `None` is success.
pub(crate) fn classes(answers: &[Delivery]) -> BTreeMap<String, usize> {
    let class = |answer: &Delivery| answer.result.as_ref().err().map_or("ok".into(), |e| format!("{:?}", e.class));
    answers.iter().fold(BTreeMap::new(), |mut counts, answer| {
        *counts.entry(class(answer)).or_default() += 1;
        counts
    })
}

pub(crate) fn class(answer: &Delivery) -> Option<Class> {
    answer.result.as_ref().err().map(|error| error.class)
}

/// Everything in `topic` up to its present end, partition by partition.
pub(crate) async fn read(brokers: String, topic: &str) -> Vec<Read> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers);
    read_as(config, topic).await
}

/// The same with a client's settings.
pub(crate) async fn read_as(config: ClientConfig, topic: &str) -> Vec<Read> {
    let topic = topic.to_owned();
    tokio::task::spawn_blocking(move || read_blocking(config, &topic)).await.expect("the reader ends")
}

fn read_blocking(mut config: ClientConfig, topic: &str) -> Vec<Read> {
    let consumer: BaseConsumer =
        config.set("group.id", topic).set("enable.auto.commit", "false").create().expect("consumer");
    let metadata = consumer.fetch_metadata(Some(topic), PATIENCE).expect("metadata");
    let partitions = metadata.topics()[0].partitions().len() as i32;
    let mut read = Vec::new();
    for partition in 0..partitions {
        let (mut next, end) = consumer.fetch_watermarks(topic, partition, PATIENCE).expect("watermarks");
        let mut assignment = TopicPartitionList::new();
        assignment.add_partition_offset(topic, partition, Offset::Beginning).expect("offset");
        consumer.assign(&assignment).expect("assign");
        let started = Instant::now();
        while next < end {
            assert!(started.elapsed() < PATIENCE, "partition {partition} ends at {end}, read up to {next}");
            let Some(message) = consumer.poll(Duration::from_secs(1)) else { continue };
            let message = message.expect("a message");
            next = message.offset() + 1;
            let headers = message.headers().into_iter().flat_map(Headers::iter);
            read.push(Read {
                partition,
                key: message.key().map(<[u8]>::to_vec),
                payload: message.payload().map(<[u8]>::to_vec),
                headers: headers.map(|h| (h.key.to_owned(), h.value.map(<[u8]>::to_vec))).collect(),
            });
        }
    }
    read
}

/// The decimal payloads of what was read.
pub(crate) fn numbers(read: &[Read]) -> Vec<u64> {
    let number = |read: &Read| std::str::from_utf8(read.payload.as_deref()?).ok()?.parse().ok();
    read.iter().map(|read| number(read).expect("a number")).collect()
}
