//! Records that cannot be sent yet, and what an operator does about them, with the real servers.

use std::time::Duration;

use outbox::Record;
use outbox::relay::{Relay, RelayError, Status};
use outbox::sink::KafkaSink;
use outbox::store::{Mark, PostgresStore, Store as _};
use outbox::{Database, Event};
use sqlx::Postgres;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use super::kafka;
use super::postgres::Schema;

struct Text<'a> {
    topic: &'a str,
    text: String,
}

impl Event for Text<'_> {
    fn name(&self) -> &'static str {
        "e2e.text"
    }
    fn version(&self) -> u32 {
        1
    }

    fn topic(&self) -> std::borrow::Cow<'_, str> {
        self.topic.into()
    }
    fn key(&self) -> Option<Vec<u8>> {
        Some(b"k".to_vec())
    }
    fn encode(&self) -> Result<Option<Vec<u8>>, outbox::event::BoxError> {
        Ok(Some(self.text.clone().into_bytes()))
    }
}

/// Stores texts, one transaction each; the ids of their records.
async fn store(schema: &Schema, topic: &str, texts: &[&str]) -> Vec<uuid::Uuid> {
    let mut ids = Vec::new();
    for text in texts {
        let record = Record::new(&Text { topic, text: (*text).to_owned() }).expect("a valid event");
        ids.push(record.id);
        let mut tx = schema.pool.begin().await.expect("a transaction");
        Postgres::insert(&mut tx, &[record]).await.expect("an insert");
        tx.commit().await.expect("a commit");
    }
    ids
}

struct Running {
    stop: oneshot::Sender<()>,
    status: watch::Receiver<Status>,
    task: JoinHandle<Result<(), RelayError>>,
}

impl Running {
    fn start(schema: &Schema) -> Self {
        let sink = KafkaSink::new(super::server("KAFKA_BROKERS")).expect("a sink");
        let relay = Relay::builder(PostgresStore::new(schema.pool.clone()), sink).build();
        let (stop, stopped) = oneshot::channel::<()>();
        let status = relay.status();
        Self { stop, status, task: tokio::spawn(relay.run(async move { drop(stopped.await) })) }
    }

    async fn until(&mut self, published: u64, parked: usize) {
        let there = self.status.wait_for(|status| status.published == published && status.parked == parked);
        let there = tokio::time::timeout(Duration::from_secs(60), there).await;
        there.unwrap_or_else(|_| panic!("{published} published, {parked} parked")).expect("the relay runs");
    }

    async fn stop(self) {
        drop(self.stop);
        self.task.await.expect("no panic").expect("an orderly stop");
    }
}

fn texts(topic: &str) -> Vec<String> {
    let messages = kafka::read(topic, &vec![0; kafka::ends(topic).len()]);
    let text = |message: kafka::Received| String::from_utf8(message.payload.expect("a payload")).expect("text");
    messages.into_iter().map(text).collect()
}

fn unique_topic() -> String {
    format!("e2e.{}", uuid::Uuid::now_v7().simple())
}

/// Rule 9: its records wait in the table, in order, also for the next owner.
#[tokio::test(flavor = "multi_thread")]
async fn rule_9_a_missing_topic_never_stops_the_others() {
    let schema = Schema::migrated().await;
    let (missing, there) = (unique_topic(), unique_topic());
    kafka::create_topic(&there, 2, &[]).await;
    store(&schema, &missing, &["1", "2"]).await;
    store(&schema, &there, &["a", "b", "c"]).await;
    let mut relay = Running::start(&schema);
    relay.until(3, 2).await;
    store(&schema, &missing, &["3"]).await;
    store(&schema, &there, &["d"]).await;
    relay.until(4, 3).await;
    relay.stop().await;
    let mut relay = Running::start(&schema);
    kafka::create_topic(&missing, 3, &[]).await;
    relay.until(3, 0).await;
    relay.stop().await;
    assert_eq!(texts(&missing), ["1", "2", "3"]);
    assert_eq!(texts(&there), ["a", "b", "c", "d"]);
}

/// The same for a topic that the relay knows and has sent to.
#[tokio::test(flavor = "multi_thread")]
async fn rule_9_a_deleted_topic_never_stops_the_others() {
    let schema = Schema::migrated().await;
    let (gone, there) = (unique_topic(), unique_topic());
    kafka::create_topic(&gone, 2, &[]).await;
    kafka::create_topic(&there, 2, &[]).await;
    store(&schema, &gone, &["1"]).await;
    store(&schema, &there, &["a"]).await;
    let mut relay = Running::start(&schema);
    relay.until(2, 0).await;
    kafka::delete_topic(&gone).await;
    store(&schema, &gone, &["2", "3"]).await;
    store(&schema, &there, &["b", "c"]).await;
    relay.until(4, 2).await;
    kafka::create_topic(&gone, 2, &[]).await;
    store(&schema, &gone, &["4"]).await;
    relay.until(7, 0).await;
    relay.stop().await;
    assert_eq!(texts(&gone), ["2", "3", "4"]);
    assert_eq!(texts(&there), ["a", "b", "c"]);
}

/// Rules 3 and 11: an operator raises the topic's limit and has one tried again, and gives the other one up.
#[tokio::test(flavor = "multi_thread")]
async fn rule_11_retry_and_skip_by_command() {
    let schema = Schema::migrated().await;
    let topic = unique_topic();
    kafka::create_topic(&topic, 1, &[("max.message.bytes", "5000")]).await;
    let (large, larger) = ("x".repeat(8_000), "y".repeat(9_000));
    let ids = store(&schema, &topic, &["1", &large, "2", &larger, "3"]).await;
    let mut relay = Running::start(&schema);
    relay.until(1, 4).await;
    let operator = PostgresStore::new(schema.pool.clone());
    let seen = operator.parked(0, 10).await.expect("the store answers");
    assert!(seen[0].parked.cause.contains("max.message.bytes"), "{}", seen[0].parked.cause);
    kafka::set_topic(&topic, &[("max.message.bytes", "100000")]).await;
    assert_eq!(operator.mark(&ids[1..2], Mark::Retry).await.expect("the store answers"), 1);
    relay.until(3, 2).await;
    assert_eq!(operator.mark(&ids[3..4], Mark::Skip).await.expect("the store answers"), 1);
    relay.until(4, 0).await;
    relay.stop().await;
    assert_eq!(texts(&topic), ["1", &large, "2", "3"]);
    let audit: Vec<uuid::Uuid> =
        sqlx::query_scalar("SELECT id FROM outbox_skipped").fetch_all(&schema.pool).await.expect("an audit");
    assert_eq!(audit, ids[3..4]);
}
