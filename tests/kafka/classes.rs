//! What a real broker says, and what the relay makes of it: rights, passwords and a full disk, with nothing lost.

use std::borrow::Cow;
use std::time::Duration;

use outbox_runtime::event::BoxError;
use outbox_runtime::relay::{Delivery, Relay, RelayError, RelayState, Status};
use outbox_runtime::sink::{Class, KafkaSink, Message, Sink};
use outbox_runtime::store::MemoryStore;
use outbox_runtime::{Event, Record};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::cluster::{Access, Broker};
use crate::common::{answered, class, numbers, read_as};
use crate::transactions::seen_as;

/// Brokers start and stop in here.
const PATIENCE: Duration = Duration::from_secs(180);

struct Numbered<'a> {
    topic: &'a str,
    number: u64,
    /// Digits in front of the number do not change it.
    width: usize,
}

impl Event for Numbered<'_> {
    fn name(&self) -> &'static str {
        "kafka.numbered"
    }
    fn version(&self) -> u32 {
        1
    }
    fn topic(&self) -> Cow<'_, str> {
        self.topic.into()
    }
    fn key(&self) -> Option<Vec<u8>> {
        Some(b"k".to_vec())
    }
    fn encode(&self) -> Result<Option<Vec<u8>>, BoxError> {
        Ok(Some(format!("{:0width$}", self.number, width = self.width).into_bytes()))
    }
}

fn append(store: &MemoryStore, topic: &str, numbers: std::ops::Range<u64>, width: usize) {
    let record = |number| Record::new(&Numbered { topic, number, width }).expect("a record");
    store.append(numbers.map(record).collect());
}

async fn create_topic(admin: &ClientConfig, topic: &str) {
    create_topic_with(admin, topic, &[]).await;
}

async fn create_topic_with(admin: &ClientConfig, topic: &str, settings: &[(&str, &str)]) {
    let admin: AdminClient<DefaultClientContext> = admin.create().expect("an admin client");
    let new = NewTopic::new(topic, 1, TopicReplication::Fixed(1));
    let new = settings.iter().fold(new, |new, (key, value)| new.set(key, value));
    admin.create_topics([&new], &AdminOptions::new()).await.expect("an answer").remove(0).expect("the topic is made");
}

struct Running {
    stop: oneshot::Sender<()>,
    status: watch::Receiver<Status>,
    task: JoinHandle<Result<(), RelayError>>,
}

impl Running {
    fn start(store: &MemoryStore, sink: KafkaSink) -> Self {
        Self::with(store, sink, Delivery::AtLeastOnce)
    }

    fn with(store: &MemoryStore, sink: KafkaSink, delivery: Delivery) -> Self {
        let relay = Relay::builder(store.clone(), sink).delivery(delivery).build();
        let (stop, stopped) = oneshot::channel::<()>();
        let status = relay.status();
        Self { stop, status, task: tokio::spawn(relay.run(async move { drop(stopped.await) })) }
    }

    async fn until(&mut self, what: &str, wanted: impl FnMut(&Status) -> bool) -> Status {
        let there =
            tokio::time::timeout(PATIENCE, self.status.wait_for(wanted)).await.map(|it| it.expect("it runs").clone());
        there.unwrap_or_else(|_| panic!("{what}: {:?}", self.status.borrow().clone()))
    }

    async fn stop(self) {
        drop(self.stop);
        self.task.await.expect("no panic").expect("an orderly stop");
    }
}

fn as_relay(broker: &Broker, password: &str) -> KafkaSink {
    let builder = KafkaSink::builder(broker.address()).set("security.protocol", "SASL_PLAINTEXT");
    let builder = builder.set("sasl.mechanism", "PLAIN").set("sasl.username", "relay").set("sasl.password", password);
    builder.metadata_within(Duration::from_secs(5)).build().expect("a sink")
}

fn cause(status: &Status) -> &str {
    match &status.state {
        RelayState::Outage { cause, .. } => cause,
        _ => "",
    }
}

/// Rights: a topic that may not be seen, and one that may be seen and not written. Both wait, the third one flows, and
/// both go on when the right is given.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_closed_waits_by_itself() {
    let broker = Broker::start(Access::Users, &[("relay", "right")]);
    let admin = broker.admin();
    for topic in ["open", "unseen", "unwritable"] {
        create_topic(&admin, topic).await;
    }
    broker.allow("relay", "Write", "open");
    broker.allow("relay", "Describe", "unwritable");

    let mut sink = as_relay(&broker, "right");
    let unseen = sink.topic("unseen").await.expect_err("not for us");
    assert_eq!(unseen.class, Class::Topic, "{unseen}");
    assert!(unseen.message.contains("grant") && unseen.message.contains("`unseen`"), "{unseen}");
    sink.topic("unwritable").await.expect("it may be seen");
    let message = Message { token: 1, topic: "unwritable", partition: 0, key: None, payload: Some(b"1"), headers: &[] };
    sink.send(message).expect("taken");
    let mut answers = Vec::new();
    answered(&mut sink, &mut answers, 1).await;
    assert_eq!(class(&answers[0]), Some(Class::Topic), "{:?}", answers[0]);
    sink.close().await;

    let store = MemoryStore::new();
    append(&store, "unseen", 0..5, 1);
    append(&store, "unwritable", 0..5, 1);
    append(&store, "open", 0..5, 1);
    let mut relay = Running::start(&store, as_relay(&broker, "right"));
    relay.until("the open topic flows", |status| status.published >= 5).await;
    append(&store, "open", 5..10, 1);
    let status = relay.until("and goes on", |status| status.published >= 10).await;
    assert_eq!(status.published, 10);
    relay.until("the others wait", |status| status.parked == 10 && cause(status).contains("grant")).await;
    assert!(store.skipped().is_empty());

    broker.allow("relay", "Write", "unseen");
    broker.allow("relay", "Write", "unwritable");
    relay.until("all flow", |status| status.published == 20 && status.parked == 0).await;
    relay.stop().await;
    for (topic, count) in [("open", 10), ("unseen", 5), ("unwritable", 5)] {
        assert_eq!(numbers(&read_as(admin.clone(), topic).await), (0..count).collect::<Vec<_>>(), "{topic}");
    }
}

/// The same in transactions, which the client gives up as a whole: the topic that may not be written is found, its records
/// wait, and everything is seen once.
#[tokio::test(flavor = "multi_thread")]
async fn rule_16_a_topic_that_is_closed_stops_no_transaction() {
    let broker = Broker::start(Access::Users, &[("relay", "right")]);
    let admin = broker.admin();
    for topic in ["open", "unwritable"] {
        create_topic(&admin, topic).await;
    }
    create_topic_with(&admin, "outbox-positions", &[("cleanup.policy", "compact")]).await;
    broker.allow("relay", "Write", "open");
    broker.allow("relay", "Describe", "unwritable");
    broker.grant("relay", &["--operation", "Read", "--operation", "Write", "--topic", "outbox-positions"]);
    let prefix = ["--transactional-id", "outbox-", "--resource-pattern-type", "prefixed"];
    broker.grant("relay", &[&["--operation", "Write"], &prefix[..]].concat());

    let store = MemoryStore::new();
    for at in 0..5 {
        append(&store, "open", at * 10..at * 10 + 10, 1);
        append(&store, "unwritable", at..at + 1, 1);
    }
    let mut relay = Running::with(&store, as_relay(&broker, "right"), Delivery::ExactlyOnce);
    relay.until("the open topic flows", |status| status.published == 50).await;
    let status = relay.until("the other waits", |status| status.parked == 5 && cause(status).contains("grant")).await;
    assert!(
        matches!(&status.state, RelayState::Outage { topic: Some(topic), .. } if topic == "unwritable"),
        "a person sees which: {status:?}"
    );
    append(&store, "open", 50..60, 1);
    relay.until("and goes on", |status| status.published == 60).await;
    broker.allow("relay", "Write", "unwritable");
    relay.until("all flow", |status| status.published == 65 && status.parked == 0).await;
    relay.stop().await;
    for (topic, count) in [("open", 60), ("unwritable", 5)] {
        assert_eq!(seen_as(admin.clone(), topic, "read_committed").await, (0..count).collect::<Vec<_>>(), "{topic}");
    }
}

/// Credentials that are not right any more: everything waits, and goes on when they are again.
#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_expire_are_an_outage() {
    let mut broker = Broker::start(Access::Users, &[("relay", "right")]);
    let admin = broker.admin();
    create_topic(&admin, "t").await;
    broker.allow("relay", "Write", "t");
    let mut sink = as_relay(&broker, "wrong");
    let error = sink.topic("t").await.expect_err("the password is wrong");
    assert_eq!(error.class, Class::Outage, "{error}");
    assert!(!error.message.contains("wrong"), "no password in a message: {error}");
    sink.close().await;

    let store = MemoryStore::new();
    append(&store, "t", 0..10, 1);
    let mut relay = Running::start(&store, as_relay(&broker, "right"));
    relay.until("it publishes", |status| status.published == 10).await;
    broker.restart(&[("relay", "changed")]);
    append(&store, "t", 10..20, 1);
    let status = relay.until("it is kept out", |status| cause(status).to_lowercase().contains("authentication")).await;
    assert_eq!((status.published, status.parked), (10, 0), "an outage parks nothing: {status:?}");
    broker.restart(&[("relay", "right")]);
    relay.until("it goes on", |status| status.published == 20 && status.state == RelayState::Running).await;
    relay.stop().await;
    assert_eq!(numbers(&read_as(admin, "t").await), (0..20).collect::<Vec<_>>());
}

/// The broker's disk is full: it dies of it, or says so. Nothing that was acknowledged is gone, and the rest follows.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_of_the_broker_is_an_outage() {
    let broker = Broker::on_small_disk(160, 30);
    let admin = broker.admin();
    create_topic(&admin, "t").await;
    let store = MemoryStore::new();
    let count = 5_000;
    append(&store, "t", 0..count, 10_000);
    let sink = KafkaSink::builder(broker.address()).metadata_within(Duration::from_secs(2)).build().expect("a sink");
    let mut relay = Running::start(&store, sink);
    let status = relay.until("the disk is full", |status| matches!(status.state, RelayState::Outage { .. })).await;
    assert!(status.published < count && status.parked == 0, "{status:?}");
    broker.make_room();
    let status = relay.until("it goes on", |status| status.published == count).await;
    assert_eq!(status.parked, 0, "{status:?}");
    relay.stop().await;
    let mut seen = std::collections::HashSet::new();
    let firsts: Vec<u64> =
        numbers(&read_as(admin, "t").await).into_iter().filter(|number| seen.insert(*number)).collect();
    assert_eq!(firsts, (0..count).collect::<Vec<_>>(), "all of them, in order");
}
