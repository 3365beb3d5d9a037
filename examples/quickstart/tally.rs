//! Counting: which withdrawals does the database hold, and which events does the topic hold?

use std::collections::BTreeSet;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Headers, Message};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use sqlx::SqlitePool;

const TIMEOUT: Duration = Duration::from_secs(10);

/// One message of the topic, as a consumer sees it.
pub(crate) struct Published {
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) key: String,
    pub(crate) kind: String,
    pub(crate) payload: String,
    pub(crate) withdrawal: i64,
}

/// What was found on both sides.
pub(crate) struct Tally {
    pub(crate) committed: BTreeSet<i64>,
    pub(crate) published: Vec<Published>,
}

#[derive(serde::Serialize)]
pub(crate) struct Counts {
    pub(crate) committed: usize,
    pub(crate) published: usize,
    pub(crate) lost: usize,
    pub(crate) phantom: usize,
}

impl Tally {
    /// Events are counted once, however often they were delivered.
    pub(crate) fn counts(&self) -> Counts {
        let published: BTreeSet<i64> = self.published.iter().map(|message| message.withdrawal).collect();
        Counts {
            committed: self.committed.len(),
            published: published.len(),
            lost: self.committed.difference(&published).count(),
            phantom: published.difference(&self.committed).count(),
        }
    }
}

pub(crate) async fn count(pool: &SqlitePool, brokers: &str, topic: &'static str) -> anyhow::Result<Tally> {
    let committed: Vec<i64> = sqlx::query_scalar("SELECT id FROM withdrawals").fetch_all(pool).await?;
    let brokers = brokers.to_owned();
    let published = tokio::task::spawn_blocking(move || read_topic(&brokers, topic)).await??;
    Ok(Tally { committed: committed.into_iter().collect(), published })
}

/// Reads the topic from its beginning to its present end.
fn read_topic(brokers: &str, topic: &str) -> anyhow::Result<Vec<Published>> {
    let consumer: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", brokers).set("group.id", "quickstart").create()?;
    let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT)?;
    let partitions = metadata.topics().first().map_or(0, |topic| topic.partitions().len() as i32);
    let mut assignment = TopicPartitionList::new();
    let mut remaining = 0;
    for partition in 0..partitions {
        let (low, high) = consumer.fetch_watermarks(topic, partition, TIMEOUT)?;
        remaining += high - low;
        assignment.add_partition_offset(topic, partition, Offset::Beginning)?;
    }
    consumer.assign(&assignment)?;
    let mut messages = Vec::new();
    while remaining > 0 {
        let Some(message) = consumer.poll(TIMEOUT) else { anyhow::bail!("the topic {topic} did not answer") };
        let message = message?;
        remaining -= 1;
        let payload = String::from_utf8_lossy(message.payload().unwrap_or_default()).into_owned();
        let event: serde_json::Value = serde_json::from_str(&payload)?;
        let kind = message.headers().and_then(|headers| {
            let header = headers.iter().find(|header| header.key == "ce_type")?;
            Some(String::from_utf8_lossy(header.value?).into_owned())
        });
        messages.push(Published {
            partition: message.partition(),
            offset: message.offset(),
            key: String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned(),
            kind: kind.unwrap_or_default(),
            withdrawal: event["withdrawal"].as_i64().unwrap_or(-1),
            payload,
        });
    }
    messages.sort_by_key(|message| (message.partition, message.offset));
    Ok(messages)
}
