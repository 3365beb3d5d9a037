//! What the cluster says about topics: partitions and limits, cached and refreshed.
//!
//! Asked by the relay before it sends, on a client of its own, so that questions never wait behind messages.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::admin::{AdminClient, AdminOptions, ResourceSpecifier};
use rdkafka::config::{ClientConfig, FromClientConfigAndContext as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::classify::{classify, classify_error};
use super::producer::LastError;
use crate::sink::{Class, SinkError, TopicInfo};

/// Kafka's default of `max.message.bytes`, for a cluster that does not tell.
pub(super) const MESSAGE_BYTES_MAX: usize = 1_048_588;
/// Age at which an answer is asked for again: partitions are added, limits change.
const REFRESH: Duration = Duration::from_secs(60);

pub(super) struct Quiet;

impl ClientContext for Quiet {
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "Kafka metadata client");
    }
}

/// The cache and the client behind it.
pub(super) struct Topics {
    client: Option<Arc<AdminClient<Quiet>>>,
    known: HashMap<String, (TopicInfo, Instant)>,
    brokers: String,
    within: Duration,
    last_error: LastError,
    /// Smallest limit seen.
    pub(super) message_bytes_max: usize,
}

impl Topics {
    pub(super) fn new(
        config: &ClientConfig,
        brokers: String,
        within: Duration,
        last_error: LastError,
    ) -> Result<Self, SinkError> {
        let client = AdminClient::from_config_and_context(config, Quiet)
            .map_err(|error| classify_error(&error, "making the Kafka metadata client"))?;
        let (client, known) = (Some(Arc::new(client)), HashMap::new());
        Ok(Self { client, known, brokers, within, last_error, message_bytes_max: MESSAGE_BYTES_MAX })
    }

    /// Forgets what is known: an answer of the broker contradicted it.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }

    /// Partitions and limit of `topic`.
    pub(super) async fn get(&mut self, topic: &str) -> Result<TopicInfo, SinkError> {
        if let Some((info, asked)) = self.known.get(topic)
            && asked.elapsed() < REFRESH
        {
            return Ok(*info);
        }
        let info = self.ask(topic).await?;
        self.message_bytes_max = self.message_bytes_max.min(info.message_bytes_max);
        self.known.insert(topic.to_owned(), (info, Instant::now()));
        Ok(info)
    }

    pub(super) fn client(&self) -> Arc<AdminClient<Quiet>> {
        self.client.clone().expect("the client is there until the drop")
    }

    /// A setting of `topic`; `None` when the cluster cannot or may not tell.
    pub(super) async fn setting(&self, topic: &str, key: &str) -> Option<String> {
        setting(&self.client(), topic, key, self.within).await
    }

    async fn ask(&self, topic: &str) -> Result<TopicInfo, SinkError> {
        let client = self.client();
        let partitions = self.partitions(client.clone(), topic).await?;
        let message_bytes_max = limit(&client, topic, self.within).await.unwrap_or(MESSAGE_BYTES_MAX);
        self.last_error.clear();
        Ok(TopicInfo { partitions, message_bytes_max })
    }

    pub(super) async fn partitions(&self, client: Arc<AdminClient<Quiet>>, topic: &str) -> Result<i32, SinkError> {
        let (name, within) = (topic.to_owned(), self.within);
        let asked = tokio::task::spawn_blocking(move || {
            let metadata = client.inner().fetch_metadata(Some(&name), within)?;
            let found = metadata.topics().iter().find(|found| found.name() == name);
            Ok::<_, KafkaError>(match found {
                Some(found) => found.error().map_or(Ok(found.partitions().len()), |error| Err(error.into())),
                None => Err(RDKafkaErrorCode::UnknownTopicOrPartition),
            })
        });
        let what = format!("asking {} about topic `{topic}`", self.brokers);
        let asked = asked.await.map_err(|error| SinkError::new(Class::Retry, format!("{what}: {error}")))?;
        match asked {
            Ok(Ok(partitions)) if partitions > 0 => Ok(i32::try_from(partitions).unwrap_or(i32::MAX)),
            Ok(Ok(_)) => Err(classify(RDKafkaErrorCode::LeaderNotAvailable, &what)),
            Ok(Err(RDKafkaErrorCode::UnknownTopic | RDKafkaErrorCode::UnknownTopicOrPartition)) => Err(SinkError::new(
                Class::Topic,
                format!(
                    "topic `{topic}` does not exist on {}: create the topic, or correct its name in the event",
                    self.brokers
                ),
            )),
            Ok(Err(code)) => Err(classify(code, &what)),
            Err(error) => Err(self.unreachable(&error, &what)),
        }
    }

    /// The metadata call only says "timed out" or "transport failure"; the producer's own connection may know more.
    fn unreachable(&self, error: &KafkaError, what: &str) -> SinkError {
        let judged = classify_error(error, what);
        match self.last_error.get() {
            Some(reason) => SinkError::new(Class::Outage, format!("{} (last seen: {reason})", judged.message)),
            None => SinkError::new(Class::Outage, judged.message),
        }
    }
}

impl Drop for Topics {
    fn drop(&mut self) {
        // Dropping a client can hang with the broker down (T28): never here. Without a thread to do it, it is leaked.
        let client = std::mem::ManuallyDrop::new(self.client.take());
        let dropping = thread::Builder::new().name("outbox-kafka-drop".into());
        let _ = dropping.spawn(move || drop(std::mem::ManuallyDrop::into_inner(client)));
    }
}

/// `max.message.bytes` of `topic`.
async fn limit(client: &AdminClient<Quiet>, topic: &str, within: Duration) -> Option<usize> {
    setting(client, topic, "max.message.bytes", within).await?.parse().ok()
}

async fn setting(client: &AdminClient<Quiet>, topic: &str, key: &str, within: Duration) -> Option<String> {
    let options = AdminOptions::new().request_timeout(Some(within));
    let resource = ResourceSpecifier::Topic(topic);
    let asked = client.describe_configs([&resource], &options);
    let answer = tokio::time::timeout(within, asked).await.ok()?.ok()?;
    let settings = answer.into_iter().next()?.ok()?;
    settings.get(key)?.value.clone()
}
