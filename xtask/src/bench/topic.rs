//! Topics of a bench, and the consumer that says whether a run was right.

use anyhow::{Context, Result, bail, ensure};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Headers;
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

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

/// A consumer of what is committed in all partitions of `topic`, from the beginning.
pub(super) fn consumer(brokers: &str, topic: &str) -> Result<BaseConsumer> {
    consumer_by(client(brokers), topic)
}

fn consumer_by(mut config: ClientConfig, topic: &str) -> Result<BaseConsumer> {
    let consumer: BaseConsumer = config.set("group.id", topic).set("enable.auto.commit", "false").create()?;
    let mut assignment = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        assignment.add_partition_offset(topic, partition, Offset::Beginning)?;
    }
    consumer.assign(&assignment)?;
    Ok(consumer)
}

/// Waits until `topic` has `events` messages; `check` says meanwhile whether there is still somebody who sends them.
/// The number of messages then.
pub(super) async fn wait(
    brokers: &str,
    topic: &str,
    events: u32,
    mut check: impl FnMut() -> Result<()>,
) -> Result<u32> {
    let ends = Arc::new(Ends { consumer: client(brokers).set("group.id", topic).create()?, topic: topic.to_owned() });
    let (mut stored, mut since) = (0, Instant::now());
    while stored < i64::from(events) {
        tokio::time::sleep(Duration::from_millis(20)).await;
        check()?;
        let ends = ends.clone();
        let now = tokio::task::spawn_blocking(move || ends.stored()).await??;
        if now != stored {
            (stored, since) = (now, Instant::now());
        }
        ensure!(since.elapsed() < PATIENCE, "topic {topic}: {stored} messages instead of {events} for {PATIENCE:?}");
    }
    Ok(u32::try_from(stored)?)
}

/// The ends of all partitions.
struct Ends {
    consumer: BaseConsumer,
    topic: String,
}

impl Ends {
    fn stored(&self) -> Result<i64> {
        let of = |partition| Ok(self.consumer.fetch_watermarks(&self.topic, partition, PATIENCE)?.1);
        (0..PARTITIONS).map(of).sum()
    }
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
    let mut config = client(brokers);
    config.set("enable.partition.eof", "true");
    let consumer = consumer_by(config, topic)?;
    let mut seen = vec![false; events as usize + 1];
    let mut last: HashMap<Vec<u8>, (i32, u32)> = HashMap::new();
    let (mut stored, mut open) = (0, PARTITIONS);
    while open > 0 {
        let message = match consumer.poll(PATIENCE) {
            None => bail!("nothing arrived for {PATIENCE:?}"),
            // Nothing is written any more.
            Some(Err(KafkaError::PartitionEOF(_))) => {
                open -= 1;
                continue;
            }
            Some(message) => message?,
        };
        stored += 1;
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
    ensure!(stored == events, "{stored} messages instead of {events}");
    Ok(())
}

/// The number in `{"n":17,…`; jsonb puts a blank in front of it.
pub(super) fn number(payload: Option<&[u8]>) -> Option<u32> {
    let digits = payload?.strip_prefix(b"{\"n\":")?.split(|byte| *byte == b',').next()?;
    std::str::from_utf8(digits).ok()?.trim_start().parse().ok()
}
