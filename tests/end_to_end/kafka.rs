//! Topics of the real Kafka: make one, and read one from a place to its end.

use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, AlterConfig, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

const TIMEOUT: Duration = Duration::from_secs(20);

fn config() -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", super::server("KAFKA_BROKERS"));
    config
}

/// Makes `topic` unless it is there.
pub(crate) async fn create_topic(topic: &str, partitions: i32, settings: &[(&str, &str)]) {
    let admin: AdminClient<DefaultClientContext> = config().create().expect("an admin client");
    let mut new = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
    for (key, value) in settings {
        new = new.set(key, value);
    }
    let results = admin.create_topics([&new], &AdminOptions::new()).await.expect("Kafka answers");
    for result in results {
        if let Err((name, code)) = result {
            assert_eq!(code, rdkafka::types::RDKafkaErrorCode::TopicAlreadyExists, "creating {name}");
        }
    }
}

/// Changes settings of `topic`.
pub(crate) async fn delete_topic(topic: &str) {
    let admin: AdminClient<_> = config().create().expect("an admin client");
    let deleted = admin.delete_topics(&[topic], &AdminOptions::new()).await;
    for result in deleted.expect("the cluster answers") {
        result.expect("the topic is deleted");
    }
}

pub(crate) async fn set_topic(topic: &str, settings: &[(&str, &str)]) {
    let admin: AdminClient<DefaultClientContext> = config().create().expect("an admin client");
    let change =
        settings.iter().fold(AlterConfig::new(ResourceSpecifier::Topic(topic)), |it, (key, value)| it.set(key, value));
    let results = admin.alter_configs([&change], &AdminOptions::new()).await.expect("Kafka answers");
    results.into_iter().for_each(|result| drop(result.expect("the settings are changed")));
}

/// A message as a consumer saw it.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub key: Option<String>,
    pub id: Option<String>,
    pub payload: Option<Vec<u8>>,
}

impl Received {
    fn of(message: &BorrowedMessage<'_>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let id =
            message.headers().and_then(|headers| headers.iter().find(|header| header.key == "id")?.value.map(text));
        Self { key: message.key().map(text), id, payload: message.payload().map(<[u8]>::to_vec) }
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(self.payload.as_deref().expect("a payload")).expect("JSON")
    }
}

/// End offsets of all partitions of `topic`. One that was just made may have no leader yet.
pub(crate) fn ends(topic: &str) -> Vec<i64> {
    let consumer: BaseConsumer = config().set("group.id", "ends").create().expect("a consumer");
    let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT).expect("metadata");
    let partitions = metadata.topics().first().map_or(0, |topic| topic.partitions().len() as i32);
    let deadline = std::time::Instant::now() + TIMEOUT;
    let end = |partition| loop {
        match consumer.fetch_watermarks(topic, partition, TIMEOUT) {
            Ok((_, end)) => return end,
            Err(error) => assert!(std::time::Instant::now() < deadline, "the watermarks of {topic}: {error}"),
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    (0..partitions).map(end).collect()
}

/// Everything in `topic` that a consumer with this isolation level can see now, in order within a partition.
pub(crate) fn read_to_the_end(topic: &str, isolation_level: &str) -> Vec<Received> {
    let consumer: BaseConsumer = config()
        .set("group.id", "reader")
        .set("enable.partition.eof", "true")
        .set("isolation.level", isolation_level)
        .create()
        .expect("a consumer");
    let partitions = ends(topic).len() as i32;
    let mut assignment = TopicPartitionList::new();
    for partition in 0..partitions {
        assignment.add_partition_offset(topic, partition, Offset::Beginning).expect("an offset");
    }
    consumer.assign(&assignment).expect("assign");
    let (mut ended, mut received) = (std::collections::HashSet::new(), Vec::new());
    let deadline = std::time::Instant::now() + TIMEOUT;
    while ended.len() < partitions as usize {
        assert!(std::time::Instant::now() < deadline, "the end of {topic} does not come");
        match consumer.poll(Duration::from_millis(100)) {
            None => {}
            Some(Ok(message)) => received.push(Received::of(&message)),
            Some(Err(rdkafka::error::KafkaError::PartitionEOF(partition))) => drop(ended.insert(partition)),
            Some(Err(error)) => panic!("reading {topic}: {error}"),
        }
    }
    received
}

/// Everything between `from` (one offset a partition) and the present end, in order within a partition.
pub(crate) fn read(topic: &str, from: &[i64]) -> Vec<Received> {
    let consumer: BaseConsumer = config().set("group.id", "reader").create().expect("a consumer");
    let mut remaining = 0;
    let mut assignment = TopicPartitionList::new();
    for ((partition, end), start) in (0..).zip(ends(topic)).zip(from) {
        assignment.add_partition_offset(topic, partition, Offset::Offset(*start)).expect("an offset");
        remaining += end - start;
    }
    consumer.assign(&assignment).expect("assign");
    let mut received = Vec::new();
    while remaining > 0 {
        let message = consumer.poll(TIMEOUT).expect("the topic answers").expect("a message");
        remaining -= 1;
        received.push(Received::of(&message));
    }
    received
}
