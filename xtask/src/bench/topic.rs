//! Topics of a bench, and the consumer that says whether a run was right.

use anyhow::{Context, Result, bail, ensure};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Headers;
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};
use std::collections::HashMap;
use std::time::Duration;

const PARTITIONS: i32 = 6;
const PATIENCE: Duration = Duration::from_secs(30);

fn client(brokers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set_log_level(RDKafkaLogLevel::Emerg);
    config
}

pub(super) async fn create(brokers: &str, topic: &str) -> Result<()> {
    let admin: AdminClient<DefaultClientContext> = client(brokers).create()?;
    let new = NewTopic::new(topic, PARTITIONS, TopicReplication::Fixed(1));
    for result in admin.create_topics([&new], &AdminOptions::new()).await? {
        result.map_err(|(topic, code)| anyhow::anyhow!("cannot create topic {topic}: {code}"))?;
    }
    Ok(())
}

/// Deletes every topic whose name starts with `prefix`.
pub(super) async fn delete_all(brokers: &str, prefix: &str) -> Result<()> {
    let admin: AdminClient<DefaultClientContext> = client(brokers).create()?;
    let metadata = admin.inner().fetch_metadata(None, PATIENCE)?;
    let names: Vec<_> = metadata.topics().iter().map(|topic| topic.name()).filter(|n| n.starts_with(prefix)).collect();
    if !names.is_empty() {
        admin.delete_topics(&names, &AdminOptions::new()).await?;
    }
    Ok(())
}

/// Reads `topic` from the start: exactly the events 1 to `events`, each once, per key in order and in one partition,
/// each with `headers` headers.
pub(super) async fn verify(brokers: &str, topic: &str, events: u32, headers: usize) -> Result<()> {
    let (brokers, topic) = (brokers.to_owned(), topic.to_owned());
    tokio::task::spawn_blocking(move || {
        check(&brokers, &topic, events, headers).with_context(|| format!("topic {topic} is not right: no number"))
    })
    .await?
}

fn check(brokers: &str, topic: &str, events: u32, headers: usize) -> Result<()> {
    let consumer: BaseConsumer = client(brokers).set("group.id", topic).set("enable.auto.commit", "false").create()?;
    let mut assignment = TopicPartitionList::new();
    let mut stored = 0;
    for partition in 0..PARTITIONS {
        assignment.add_partition_offset(topic, partition, Offset::Beginning)?;
        stored += consumer.fetch_watermarks(topic, partition, PATIENCE)?.1;
    }
    ensure!(stored == i64::from(events), "{stored} messages instead of {events}");
    consumer.assign(&assignment)?;
    let mut seen = vec![false; events as usize + 1];
    let mut last: HashMap<Vec<u8>, (i32, u32)> = HashMap::new();
    for _ in 0..events {
        let Some(message) = consumer.poll(PATIENCE) else { bail!("nothing arrived for {PATIENCE:?}") };
        let message = message?;
        let number = number(message.payload()).context("a payload without its number")?;
        let twice = seen.get_mut(number as usize).map(|seen| std::mem::replace(seen, true));
        ensure!(twice == Some(false), "event {number} came twice, or was never written");
        let key = message.key().context("a message without a key")?;
        let place = (message.partition(), number);
        if let Some(before) = last.insert(key.to_vec(), place) {
            ensure!(before.0 == place.0, "key {key:?} is in the partitions {} and {}", before.0, place.0);
            ensure!(before.1 < number, "key {key:?}: event {number} came after {}", before.1);
        }
        let count = message.headers().map_or(0, |headers| headers.count());
        ensure!(count == headers, "event {number} has {count} headers instead of {headers}");
    }
    Ok(())
}

/// The number in `{"n":17,…`.
fn number(payload: Option<&[u8]>) -> Option<u32> {
    let digits = payload?.strip_prefix(b"{\"n\":")?.split(|byte| *byte == b',').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}
