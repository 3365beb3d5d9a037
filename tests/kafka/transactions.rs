//! What every transactional sink does, in memory and on the real broker; and what only a broker has.

use std::time::{Duration, Instant};

use outbox_runtime::sink::{Class, Delivery, KafkaSink, MemorySink, Message, SendError, Sink, TransactionalSink};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message as _;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use uuid::Uuid;

use crate::common::{PATIENCE, brokers, create_topic};

/// Sends the numbers and waits for all answers; the classes of those that failed.
async fn send_all<K: Sink>(sink: &mut K, topic: &str, tokens: std::ops::Range<u64>) -> Vec<Class> {
    let count = tokens.clone().count();
    let mut refused = Vec::new();
    for token in tokens {
        let payload = token.to_string();
        let payload = Some(payload.as_bytes());
        let message = Message { token, topic, partition: 0, key: Some(b"k"), payload, headers: &[] };
        match sink.send(message) {
            Ok(()) => {}
            Err(SendError::Refused(error)) => refused.push(error.class),
            Err(SendError::Full) => panic!("a few messages fit"),
        }
    }
    let mut answers: Vec<Delivery> = Vec::new();
    while answers.len() + refused.len() < count {
        tokio::time::timeout(PATIENCE, sink.deliveries(&mut answers)).await.expect("an answer comes");
    }
    refused.extend(answers.into_iter().filter_map(|answer| answer.result.err()).map(|error| error.class));
    refused
}

/// The numbers that a consumer with this isolation sees in partition 0.
async fn seen(topic: &str, isolation: &'static str) -> Vec<u64> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers());
    seen_as(config, topic, isolation).await
}

/// The same with a client's settings.
pub(crate) async fn seen_as(mut config: ClientConfig, topic: &str, isolation: &'static str) -> Vec<u64> {
    let topic = topic.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        let consumer: BaseConsumer = config
            .set("group.id", &topic)
            .set("enable.partition.eof", "true")
            .set("isolation.level", isolation)
            .create()
            .expect("a consumer");
        let mut assignment = TopicPartitionList::new();
        assignment.add_partition_offset(&topic, 0, Offset::Beginning).expect("an offset");
        consumer.assign(&assignment).expect("assigned");
        let (started, mut read) = (Instant::now(), Vec::new());
        loop {
            assert!(started.elapsed() < PATIENCE, "the end of {topic} does not come");
            match consumer.poll(Duration::from_millis(100)) {
                None => {}
                Some(Err(KafkaError::PartitionEOF(_))) => return read,
                Some(message) => {
                    let message = message.expect("a message");
                    let text = std::str::from_utf8(message.payload().expect("a payload")).expect("text");
                    read.push(text.parse().expect("a number"));
                }
            }
        }
    });
    read.await.expect("the reader ends")
}

/// Two sinks of one broker, and what a `read_committed` consumer sees of a topic.
trait Harness {
    type Sink: TransactionalSink;

    fn sink(&self) -> Self::Sink;
    async fn topic(&self) -> String;
    async fn committed(&self, topic: &str) -> Vec<u64>;
}

struct Kafka {
    positions: String,
}

impl Kafka {
    fn new() -> Self {
        Self { positions: format!("positions-{}", Uuid::now_v7()) }
    }
}

impl Harness for Kafka {
    type Sink = KafkaSink;

    fn sink(&self) -> KafkaSink {
        KafkaSink::builder(brokers()).positions_topic(&self.positions).build().expect("a sink")
    }

    async fn topic(&self) -> String {
        create_topic("transactions", 1, &[]).await
    }

    async fn committed(&self, topic: &str) -> Vec<u64> {
        seen(topic, "read_committed").await
    }
}

impl Harness for MemorySink {
    type Sink = MemorySink;

    fn sink(&self) -> MemorySink {
        self.clone()
    }

    async fn topic(&self) -> String {
        "t".into()
    }

    async fn committed(&self, topic: &str) -> Vec<u64> {
        let number = |payload: Vec<u8>| String::from_utf8(payload).expect("text").parse().expect("a number");
        self.log(topic, 0).into_iter().filter_map(|message| message.payload.map(number)).collect()
    }
}

/// Records and position are there together, or neither is.
async fn a_transaction_is_seen_as_a_whole<H: Harness>(harness: H) {
    let (topic, log) = (harness.topic().await, Uuid::now_v7());
    let mut sink = harness.sink();
    sink.begin(log).await.expect("begins");
    assert_eq!(sink.position(log).await.expect("reads"), None);
    assert_eq!(send_all(&mut sink, &topic, 0..100).await, []);
    assert!(harness.committed(&topic).await.is_empty(), "nobody sees an open transaction");
    sink.commit(log, b"first").await.expect("commits");
    assert_eq!(harness.committed(&topic).await, (0..100).collect::<Vec<_>>());
    assert_eq!(sink.position(log).await.expect("reads").as_deref(), Some(&b"first"[..]));

    // An aborted one leaves nothing, whoever aborts it.
    assert_eq!(send_all(&mut sink, &topic, 100..150).await, []);
    sink.begin(log).await.expect("begins anew");
    assert_eq!(send_all(&mut sink, &topic, 200..250).await, []);
    sink.commit(log, b"second").await.expect("commits");
    sink.commit(log, b"third").await.expect("commits nothing but the position");
    assert_eq!(harness.committed(&topic).await, (0..100).chain(200..250).collect::<Vec<_>>());
    assert_eq!(sink.position(log).await.expect("reads").as_deref(), Some(&b"third"[..]));
    assert_eq!(sink.position(Uuid::now_v7()).await.expect("reads"), None, "another log has its own");
    sink.close().await;
}

/// Whoever begins fences all before: neither records nor a position of theirs come through.
async fn an_earlier_producer_is_fenced<H: Harness>(harness: H) {
    let (topic, log) = (harness.topic().await, Uuid::now_v7());
    let (mut old, mut new) = (harness.sink(), harness.sink());
    old.begin(log).await.expect("begins");
    old.commit(log, b"before").await.expect("commits");
    assert_eq!(send_all(&mut old, &topic, 0..10).await, []);
    new.begin(log).await.expect("begins");
    assert_eq!(new.position(log).await.expect("reads").as_deref(), Some(&b"before"[..]));
    let fenced = old.commit(log, b"too late").await.expect_err("it is fenced");
    assert_eq!(fenced.class, Class::Fatal, "{fenced}");
    assert_eq!(send_all(&mut new, &topic, 10..20).await, []);
    new.commit(log, b"new").await.expect("commits");
    assert!(send_all(&mut old, &topic, 20..21).await.contains(&Class::Fatal));
    assert_eq!(harness.committed(&topic).await, (10..20).collect::<Vec<_>>());
    assert_eq!(new.position(log).await.expect("reads").as_deref(), Some(&b"new"[..]));
    old.close().await;
    new.close().await;
}

macro_rules! conformance {
    ($module:ident, $harness:expr) => {
        mod $module {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            async fn a_transaction_is_seen_as_a_whole() {
                super::a_transaction_is_seen_as_a_whole($harness).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn an_earlier_producer_is_fenced() {
                super::an_earlier_producer_is_fenced($harness).await;
            }
        }
    };
}

conformance!(of_kafka, Kafka::new());
conformance!(of_memory, MemorySink::new());

fn raw_producer(id: &str) -> BaseProducer {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", brokers())
        .set("transactional.id", id)
        .set("linger.ms", "1")
        .create()
        .expect("a producer");
    producer.init_transactions(PATIENCE).expect("initialized");
    producer
}

/// A commit that finds messages in flight waits 100 ms for them; ours finds none, because it polls before.
#[tokio::test(flavor = "multi_thread")]
async fn t24_commits_do_not_stall() {
    const ROUNDS: u32 = 10;
    let (harness, log) = (Kafka::new(), Uuid::now_v7());
    let topic = harness.topic().await;
    let mut sink = harness.sink();
    sink.begin(log).await.expect("begins");
    sink.commit(log, b"warm").await.expect("commits");
    let mut ours = Duration::ZERO;
    for round in 0..u64::from(ROUNDS) {
        send_all(&mut sink, &topic, round * 10..round * 10 + 10).await;
        let started = Instant::now();
        sink.commit(log, b"p").await.expect("commits");
        ours += started.elapsed() / ROUNDS;
    }
    let plain = tokio::task::spawn_blocking(move || {
        let producer = raw_producer(&format!("t24-{log}"));
        let mut plain = Duration::ZERO;
        for round in 0..ROUNDS {
            producer.begin_transaction().expect("begun");
            for _ in 0..10 {
                let payload = round.to_string();
                producer.send(BaseRecord::<(), str>::to(&topic).partition(0).payload(&payload)).expect("queued");
            }
            let started = Instant::now();
            producer.commit_transaction(PATIENCE).expect("committed");
            plain += started.elapsed() / ROUNDS;
        }
        plain
    });
    let plain = plain.await.expect("the plain producer ends");
    println!("a commit: ours {ours:?}, without the poll before it {plain:?}");
    assert!(ours * 2 < plain, "ours {ours:?}, without the poll before it {plain:?}");
    sink.close().await;
}

/// A reader that stopped at the last stable offset would miss what was committed behind another log's open transaction.
#[tokio::test(flavor = "multi_thread")]
async fn rule_13_an_open_transaction_of_another_log_hides_no_position() {
    let (positions, log) = (create_topic("positions", 1, &[("cleanup.policy", "compact")]).await, Uuid::now_v7());
    let mut sink = KafkaSink::builder(brokers()).positions_topic(&positions).build().expect("a sink");
    sink.begin(log).await.expect("begins");
    sink.commit(log, b"old").await.expect("commits");
    let topic = positions.clone();
    let other = tokio::task::spawn_blocking(move || {
        let other = raw_producer(&format!("other-{log}"));
        other.begin_transaction().expect("begun");
        other.send(BaseRecord::to(&topic).partition(0).key("other").payload("open")).expect("queued");
        other.flush(PATIENCE).expect("sent");
        other
    });
    let other = other.await.expect("the other log has an open transaction");
    sink.commit(log, b"new").await.expect("commits behind it");
    let reading = async {
        let mut reader = KafkaSink::builder(brokers()).positions_topic(&positions).build().expect("a sink");
        reader.position(log).await
    };
    let ending = async {
        // While it is open nothing can be said; the reader waits for its end.
        tokio::time::sleep(Duration::from_millis(300)).await;
        tokio::task::spawn_blocking(move || other.abort_transaction(PATIENCE)).await.expect("no panic")
    };
    let (position, ended) = tokio::join!(reading, ending);
    ended.expect("aborted");
    assert_eq!(position.expect("reads").as_deref(), Some(&b"new"[..]));
    sink.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_is_found_far_from_the_end() {
    let log = Uuid::now_v7();
    let harness = Kafka { positions: create_topic("positions", 1, &[("cleanup.policy", "compact")]).await };
    let (mut sink, mut other) = (harness.sink(), harness.sink());
    sink.begin(log).await.expect("begins");
    sink.commit(log, b"mine").await.expect("commits");
    let busy = Uuid::now_v7();
    other.begin(busy).await.expect("begins");
    let topic = harness.positions.clone();
    let filled = tokio::task::spawn_blocking(move || {
        let producer = raw_producer(&format!("fill-{log}"));
        producer.begin_transaction().expect("begun");
        for number in 0..3_000 {
            let payload = number.to_string();
            producer.send(BaseRecord::to(&topic).partition(0).key("filler").payload(&payload)).expect("queued");
        }
        producer.commit_transaction(PATIENCE).expect("committed");
    });
    filled.await.expect("no panic");
    other.commit(busy, b"other").await.expect("commits");
    assert_eq!(sink.position(log).await.expect("reads").as_deref(), Some(&b"mine"[..]));
    assert_eq!(sink.position(Uuid::now_v7()).await.expect("reads"), None);
    sink.close().await;
    other.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_forgets_positions_is_refused() {
    let positions = create_topic("positions", 1, &[("cleanup.policy", "delete")]).await;
    let mut sink = KafkaSink::builder(brokers()).positions_topic(&positions).build().expect("a sink");
    let error = sink.begin(Uuid::now_v7()).await.expect_err("positions would be lost");
    assert_eq!(error.class, Class::Outage);
    assert!(error.message.contains("OBX-173") && error.message.contains(&positions), "{error}");
    sink.close().await;
}
