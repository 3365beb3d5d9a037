//! What a Kafka cluster can have: nobody there, topics missing or closed, limits below what `emit!` lets through, copies that
//! are too few, and no right to be idempotent. Nothing is sent.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use outbox_runtime::record::PAYLOAD_BYTES_MAX;
use rdkafka::admin::{AdminClient, AdminOptions, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::{ClientConfig, FromClientConfigAndContext as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::producer::{BaseProducer, DeliveryResult, Producer as _, ProducerContext};
use rdkafka::{ClientContext, Statistics};

use super::finding::Finding;
use crate::kafka::Settings;

/// How long the cluster has for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(clap::Args)]
pub(super) struct Broker {
    /// `host:port,host:port`; without it no broker is looked at.
    #[arg(long, env = "KAFKA_BROKERS")]
    brokers: Option<String>,
    #[command(flatten)]
    settings: Settings,
    /// A topic to look at beside those of the newest records; as often as needed.
    #[arg(long = "topic", value_name = "NAME")]
    topics: Vec<String>,
}

/// What librdkafka says beside its answers.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Said>>);

#[derive(Default)]
struct Said {
    errors: Vec<(Option<Code>, String)>,
    /// State of the idempotent producer.
    idempotence: Option<String>,
}

impl Said {
    /// The first reason of `codes`, or the last of any.
    fn reason(&self, codes: &[Code]) -> String {
        let named = self.errors.iter().find(|(code, _)| code.is_some_and(|code| codes.contains(&code)));
        named.or(self.errors.last()).map_or("no answer".to_owned(), |(_, reason)| reason.clone())
    }

    fn has(&self, codes: &[Code]) -> bool {
        self.errors.iter().any(|(code, _)| code.is_some_and(|code| codes.contains(&code)))
    }
}

const NOT_LET_IN: [Code; 2] = [Code::Authentication, Code::SSL];
const NO_ID: [Code; 2] = [Code::ClusterAuthorizationFailed, Code::Fatal];

impl Heard {
    fn with<T>(&self, look: impl FnOnce(&mut Said) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ClientContext for Heard {
    fn error(&self, error: KafkaError, reason: &str) {
        self.with(|said| said.errors.push((error.rdkafka_error_code(), reason.to_owned())));
    }

    fn stats(&self, statistics: Statistics) {
        self.with(|said| said.idempotence = statistics.eos.map(|eos| eos.idemp_state));
    }
}

impl ProducerContext for Heard {
    type DeliveryOpaque = ();

    fn delivery(&self, _: &DeliveryResult<'_>, (): ()) {}
}

/// As the relay connects: an idempotent producer, which hears what the cluster says.
type Client = Arc<BaseProducer<Heard>>;

pub(super) async fn examine(args: &Broker, of_the_log: Vec<String>, findings: &mut Vec<Finding>) -> Result<()> {
    let Some(brokers) = &args.brokers else { return Ok(()) };
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set("client.id", "outbox-doctor").set("allow.auto.create.topics", "false");
    for (name, value) in args.settings.pairs()? {
        config.set(name, value);
    }
    let admin: AdminClient<_> = config.create().map_err(unusable)?;
    config.set("enable.idempotence", "true").set("statistics.interval.ms", "100");
    let heard = Heard::default();
    let client = BaseProducer::from_config_and_context(&config, heard.clone());
    let client: Client = Arc::new(client.map_err(unusable)?);
    if is_reachable(&client, &heard).await? {
        let mut names: Vec<String> = args.topics.iter().cloned().chain(of_the_log).collect();
        names.sort();
        names.dedup();
        for name in names {
            topic(&client, &admin, &name, findings).await?;
        }
        findings.extend(idempotence(&client, &heard).await?);
    } else {
        let why = heard.with(|said| said.reason(&NOT_LET_IN));
        findings.push(Finding::error(
            "OBX-161",
            format!("no broker of {brokers} lets us in: {why}"),
            "check the addresses, `security.protocol`, `sasl.*` and `ssl.*`, and that the brokers run",
        ));
    }
    // Dropping a client can hang with the brokers away; the program ends soon.
    std::mem::forget((client, admin));
    Ok(())
}

/// Settings that make no client. Their values may be secret.
fn unusable(error: KafkaError) -> anyhow::Error {
    match error {
        KafkaError::ClientConfig(_, why, name, _) => anyhow::anyhow!("the setting `{name}` is of no use: {why}"),
        error => anyhow::anyhow!("these settings make no Kafka client: {error}"),
    }
}

/// Polls the client until `look` has a verdict: what is heard comes meanwhile.
async fn polled<T: Send + 'static>(
    client: &Client,
    heard: &Heard,
    look: impl Fn(&mut Said, bool) -> Option<T> + Send + 'static,
) -> Result<T> {
    let (client, heard) = (Arc::clone(client), heard.clone());
    let looked = tokio::task::spawn_blocking(move || {
        let began = Instant::now();
        loop {
            client.poll(Duration::from_millis(50));
            if let Some(verdict) = heard.with(|said| look(said, began.elapsed() > PATIENCE)) {
                return verdict;
            }
        }
    });
    Ok(looked.await?)
}

/// Asks, and listens beside it: a wrong password is said in a callback, and the question only has no answer.
async fn is_reachable(client: &Client, heard: &Heard) -> Result<bool> {
    let asking = Arc::clone(client);
    let answer = tokio::task::spawn_blocking(move || asking.client().fetch_cluster_id(PATIENCE).is_some());
    let refused = polled(client, heard, |said, is_late| (is_late || said.has(&NOT_LET_IN)).then_some(false));
    tokio::select! {
        answer = answer => Ok(answer?),
        refused = refused => refused,
    }
}

/// One topic: is it there, what does it take, how many copies does it keep.
async fn topic(
    client: &Client,
    admin: &AdminClient<DefaultClientContext>,
    name: &str,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let (asking, asked) = (Arc::clone(client), name.to_owned());
    let metadata = tokio::task::spawn_blocking(move || {
        let metadata = asking.client().fetch_metadata(Some(&asked), PATIENCE)?;
        let topic = metadata.topics().iter().find(|topic| topic.name() == asked);
        let Some(topic) = topic else { return Ok(Err(Code::UnknownTopicOrPartition)) };
        let copies = topic.partitions().iter().map(|partition| partition.replicas().len()).min().unwrap_or(0);
        Ok::<_, KafkaError>(topic.error().map_or(Ok(copies), |code| Err(code.into())))
    });
    let copies = match metadata.await? {
        Ok(Ok(copies)) => copies,
        Ok(Err(code)) => {
            findings.push(refused(name, code));
            return Ok(());
        }
        Err(error) => {
            findings.push(Finding::unknown(&format!("topic `{name}`"), &error));
            return Ok(());
        }
    };
    let resource = ResourceSpecifier::Topic(name);
    let described = admin.describe_configs([&resource], &AdminOptions::new().request_timeout(Some(PATIENCE))).await;
    let config = match described.map(|mut all| all.pop()) {
        Ok(Some(Ok(config))) => config,
        Ok(Some(Err(code))) => {
            findings.push(Finding::unknown(&format!("the settings of topic `{name}`"), &code));
            return Ok(());
        }
        Ok(None) => return Ok(()),
        Err(error) => {
            findings.push(Finding::unknown(&format!("the settings of topic `{name}`"), &error));
            return Ok(());
        }
    };
    let number = |setting: &str| config.get(setting)?.value.as_deref()?.parse::<usize>().ok();
    findings.extend(limit(name, number("max.message.bytes")));
    findings.extend(replicas(name, copies, number("min.insync.replicas")));
    Ok(())
}

fn refused(name: &str, code: Code) -> Finding {
    match code {
        Code::UnknownTopic | Code::UnknownTopicOrPartition => Finding::error(
            "OBX-162",
            format!("topic `{name}` does not exist: its records wait beside the log"),
            "create the topic, or correct its name in the event",
        ),
        Code::TopicAuthorizationFailed => Finding::error(
            "OBX-163",
            format!("topic `{name}` is closed to this user: its records wait beside the log"),
            "grant the user DESCRIBE and WRITE on the topic",
        ),
        Code::InvalidTopic => Finding::error(
            "OBX-162",
            format!("topic `{name}` is no name that Kafka takes: its records are parked"),
            "correct its name in the event",
        ),
        code => Finding::unknown(&format!("topic `{name}`"), &code),
    }
}

fn limit(name: &str, bytes_max: Option<usize>) -> Option<Finding> {
    let bytes_max = bytes_max.filter(|bytes| *bytes < PAYLOAD_BYTES_MAX)?;
    Some(Finding::warning(
        "OBX-164",
        format!(
            "topic `{name}` takes messages up to {bytes_max} B, and `emit!` payloads up to {PAYLOAD_BYTES_MAX} B: those between are parked"
        ),
        "raise `max.message.bytes` on the topic, or publish references to large data",
    ))
}

fn replicas(name: &str, copies: usize, insync_min: Option<usize>) -> Option<Finding> {
    let insync_min = insync_min.unwrap_or(1);
    if insync_min > copies {
        return Some(Finding::error(
            "OBX-165",
            format!(
                "topic `{name}` keeps {copies} copies and wants {insync_min} of them before it acknowledges: nothing can be published"
            ),
            "lower `min.insync.replicas`, or give the topic more replicas",
        ));
    }
    (insync_min < 2).then(|| {
        Finding::warning(
            "OBX-165",
            format!("topic `{name}` acknowledges with {insync_min} of {copies} copies: one broker that is lost may take acknowledged events along"),
            "replicate the topic three times and set `min.insync.replicas=2`",
        )
    })
}

/// Whether the cluster gives an id to an idempotent producer.
async fn idempotence(client: &Client, heard: &Heard) -> Result<Option<Finding>> {
    let verdict = polled(client, heard, |said, is_late| match &said.idempotence {
        Some(state) if state == "Assigned" => Some(None),
        _ if is_late || said.has(&NO_ID) => Some(Some(said.reason(&NO_ID))),
        _ => None,
    });
    Ok(verdict.await?.map(|why| {
        Finding::error(
            "OBX-166",
            format!("the cluster gives no producer id, without which nothing is published: {why}"),
            "grant the user WRITE on the topics, and on brokers before 3.0 IDEMPOTENT_WRITE on the cluster",
        )
    }))
}
