//! Bad input: one clear error with the next step, and nothing lost.

use std::time::Duration;

use outbox::relay::Relay;
use outbox::sink::KafkaSink;
use outbox::store::PostgresStore;
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

use super::kafka;
use super::postgres::Schema;

#[derive(serde::Serialize)]
struct Noted {
    text: String,
    topic: String,
}

// By hand, because the topic is this test's own.
impl Event for Noted {
    fn name(&self) -> &'static str {
        "e2e.noted"
    }
    fn version(&self) -> u32 {
        1
    }

    fn topic(&self) -> std::borrow::Cow<'_, str> {
        self.topic.as_str().into()
    }
    fn key(&self) -> Option<Vec<u8>> {
        None
    }
    fn encode(&self) -> Result<Option<Vec<u8>>, outbox::event::BoxError> {
        Ok(Some(serde_json::to_vec(self)?))
    }
}

#[transactional_event(tx = pool)]
async fn note(pool: &PgPool, topic: &str, text: &str) -> Result<(), sqlx::Error> {
    emit!(Noted { text: text.to_owned(), topic: topic.to_owned() });
    Ok(())
}

fn sink() -> KafkaSink {
    KafkaSink::new(super::server("KAFKA_BROKERS")).expect("a sink")
}

fn unique_topic() -> String {
    format!("e2e.{}", uuid::Uuid::now_v7().simple())
}

/// Runs a relay until the topic holds `texts`, in any order.
async fn relay_until(schema: &Schema, sink: KafkaSink, topic: &str, count: usize) -> Vec<String> {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let relay = Relay::builder(PostgresStore::new(schema.pool.clone()), sink).build();
    let relay = tokio::spawn(relay.run(async move {
        stopped.await.ok();
    }));
    let read = async {
        loop {
            let from = vec![0; kafka::ends(topic).len()];
            let messages = kafka::read(topic, &from);
            if messages.len() >= count {
                return messages;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let messages = tokio::time::timeout(Duration::from_secs(60), read).await.expect("the events arrive");
    stop.send(()).expect("the relay runs");
    relay.await.expect("no panic").expect("a clean stop");
    messages.iter().map(|message| message.json()["text"].as_str().expect("text").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_table_is_said_with_the_remedy() {
    let schema = Schema::new().await;
    let error = note(&schema.pool, "t", "x").await.expect_err("no tables");
    let found = outbox::Error::find(&error).expect("an error of ours");
    assert!(matches!(found, outbox::Error::NotMigrated { .. }), "{found:?}");
    assert!(found.to_string().contains("outbox::migrate"), "{found}");
    let relay = Relay::builder(PostgresStore::new(schema.pool.clone()), sink()).build();
    let error = relay.run(std::future::pending()).await.expect_err("no tables");
    assert!(error.to_string().contains("outbox::migrate"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_stops_the_relay_and_loses_nothing() {
    let schema = Schema::migrated().await;
    let topic = unique_topic();
    kafka::create_topic(&topic, 1, &[]).await;
    note(&schema.pool, &topic, "kept").await.expect("an event");
    sqlx::raw_sql("INSERT INTO outbox_migrations (version, name) VALUES (9999, 'future')")
        .execute(&schema.pool)
        .await
        .expect("a newer version");
    let relay = Relay::builder(PostgresStore::new(schema.pool.clone()), sink()).build();
    let error = relay.run(std::future::pending()).await.expect_err("a newer schema");
    assert!(error.to_string().contains("update this program"), "{error}");
    sqlx::raw_sql("DELETE FROM outbox_migrations WHERE version = 9999").execute(&schema.pool).await.expect("back");
    assert_eq!(relay_until(&schema, sink(), &topic, 1).await, ["kept"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_stop_the_relay_with_a_clear_error() {
    use std::str::FromStr;
    let options = sqlx::postgres::PgConnectOptions::from_str(&super::server("DATABASE_URL")).expect("an address");
    let pool = sqlx::postgres::PgPoolOptions::new().connect_lazy_with(options.username("nobody_of_that_name"));
    let relay = Relay::builder(PostgresStore::new(pool), sink()).build();
    let error = relay.run(std::future::pending()).await.expect_err("no such role");
    assert!(format!("{error:?}").contains("nobody_of_that_name"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_database_is_waited_for() {
    let pool = sqlx::postgres::PgPoolOptions::new()
        .acquire_timeout(Duration::from_millis(300))
        .connect_lazy("postgres://nobody@127.0.0.1:1/none")
        .expect("an address");
    note(&pool, "t", "x").await.expect_err("an unreachable database is an error at once");
    let relay = Relay::builder(PostgresStore::new(pool), sink()).build();
    let stopped = tokio::time::timeout(Duration::from_secs(20), relay.run(tokio::time::sleep(Duration::from_secs(2))));
    stopped.await.expect("the relay can be stopped while it waits").expect("waiting is no error");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_broker_keeps_everything() {
    let schema = Schema::migrated().await;
    let topic = unique_topic();
    kafka::create_topic(&topic, 1, &[]).await;
    note(&schema.pool, &topic, "kept").await.expect("a handler needs no broker");
    let dead = KafkaSink::new("127.0.0.1:1").expect("a sink is made without a broker");
    let relay = Relay::builder(PostgresStore::new(schema.pool.clone()), dead).build();
    let stopped = tokio::time::timeout(Duration::from_secs(60), relay.run(tokio::time::sleep(Duration::from_secs(2))));
    stopped.await.expect("the relay can be stopped in an outage").expect("an outage is no error");
    assert_eq!(relay_until(&schema, sink(), &topic, 1).await, ["kept"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_does_not_exist_is_waited_for() {
    let schema = Schema::migrated().await;
    let topic = unique_topic();
    note(&schema.pool, &topic, "kept").await.expect("an event");
    let relay = Relay::builder(PostgresStore::new(schema.pool.clone()), sink()).build();
    let stopped = tokio::time::timeout(Duration::from_secs(60), relay.run(tokio::time::sleep(Duration::from_secs(3))));
    stopped.await.expect("the relay can be stopped in an outage").expect("an outage is no error");
    kafka::create_topic(&topic, 1, &[]).await;
    assert_eq!(relay_until(&schema, sink(), &topic, 1).await, ["kept"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_over_the_limit_is_refused_at_emit() {
    let schema = Schema::migrated().await;
    let error = note(&schema.pool, "t", &"x".repeat(1_100_000)).await.expect_err("too large");
    let found = outbox::Error::find(&error).expect("an error of ours");
    assert!(matches!(found, outbox::Error::PayloadTooLarge { .. }), "{found:?}");
    let rows: i64 =
        sqlx::query_scalar("SELECT count(*) FROM outbox_log").fetch_one(&schema.pool).await.expect("a count");
    assert_eq!(rows, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_over_the_topics_limit_is_parked_and_others_flow() {
    let schema = Schema::migrated().await;
    let topic = unique_topic();
    kafka::create_topic(&topic, 1, &[("max.message.bytes", "20000")]).await;
    for number in 0..50 {
        let text = if number == 20 { "x".repeat(50_000) } else { number.to_string() };
        note(&schema.pool, &topic, &text).await.expect("an event");
    }
    let texts = relay_until(&schema, sink(), &topic, 49).await;
    let expected: Vec<String> = (0..50).filter(|number| *number != 20).map(|number: i32| number.to_string()).collect();
    assert_eq!(texts, expected);
    let (cause, state): (String, String) =
        sqlx::query_as("SELECT cause, state FROM outbox_parked").fetch_one(&schema.pool).await.expect("one parked row");
    assert_eq!(state, "failed");
    println!("cause: {cause}");
}
