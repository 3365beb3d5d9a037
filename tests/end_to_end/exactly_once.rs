//! Exactly-once on real servers: relays as processes that are killed, paused and stopped, and a `read_committed` consumer
//! that sees every record once.

use std::collections::{BTreeMap, HashSet};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use outbox::relay::{Delivery, Relay};
use outbox::sink::KafkaSink;
use outbox::store::PostgresStore;
use sqlx::AssertSqlSafe;
use tokio::sync::oneshot;

use super::kafka::{self, Received};
use super::postgres::Schema;
use super::{example, server};

const KEYS: i64 = 20;

/// `examples/exactly_once.rs` as a child process; killed when dropped.
struct Process(Child);

impl Process {
    fn start(schema: &Schema) -> Self {
        let child = Command::new(example("exactly_once"))
            .env("DATABASE_URL", schema.url())
            .env("KAFKA_BROKERS", server("KAFKA_BROKERS"))
            .stdout(Stdio::null())
            .spawn()
            .expect("the example `exactly_once` is built");
        Self(child)
    }

    /// SIGKILL.
    fn kill(mut self) {
        self.0.kill().expect("kill");
        self.0.wait().expect("wait");
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.0.id().to_string()]).status().expect("kill");
        assert!(status.success());
    }

    /// SIGTERM; the process must leave by itself, with success.
    fn stop(mut self) {
        self.signal("-TERM");
        assert!(self.0.wait().expect("wait").success(), "the relay must drain and exit with 0");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn unique_topic() -> String {
    format!("e2e.{}", uuid::Uuid::now_v7().simple())
}

/// Commits records `from..to`: their payload is the number, their key the number modulo [`KEYS`].
async fn commit(schema: &Schema, topic: &str, from: i64, to: i64) {
    let insert = format!(
        "INSERT INTO outbox_log (id, topic, key, headers, payload)
         SELECT gen_random_uuid(), '{topic}', convert_to((n % {KEYS})::text, 'UTF8'), '', convert_to(n::text, 'UTF8')
         FROM generate_series({from}, {to} - 1) n ORDER BY n"
    );
    sqlx::raw_sql(AssertSqlSafe(insert)).execute(&schema.pool).await.expect("records");
}

fn number(message: &Received) -> i64 {
    let text = message.payload.as_deref().map(|payload| String::from_utf8_lossy(payload).into_owned());
    text.expect("a payload").parse().expect("a number")
}

/// Waits until a `read_committed` consumer has `count` records, and checks that it has each once, those of a key in order.
async fn check(topic: &str, count: i64, label: &str) {
    let deadline = Instant::now() + Duration::from_secs(90);
    let seen = loop {
        let topic = topic.to_owned();
        let read = tokio::task::spawn_blocking(move || kafka::read_to_the_end(&topic, "read_committed"));
        let seen = read.await.expect("the reader ends");
        if seen.len() as i64 >= count || Instant::now() > deadline {
            break seen;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    };
    let name = topic.to_owned();
    let all = tokio::task::spawn_blocking(move || kafka::read_to_the_end(&name, "read_uncommitted"));
    let aborted = all.await.expect("the reader ends").len() - seen.len();
    let distinct: HashSet<i64> = seen.iter().map(number).collect();
    println!("{label}: {count} committed, {} seen, {} distinct; {aborted} aborted", seen.len(), distinct.len());
    assert_eq!(distinct.len() as i64, count, "nothing is lost");
    assert_eq!(seen.len(), distinct.len(), "nothing is seen twice");
    let mut by_key = BTreeMap::<String, Vec<i64>>::new();
    for message in &seen {
        by_key.entry(message.key.clone().expect("a key")).or_default().push(number(message));
    }
    assert!(by_key.values().all(|numbers| numbers.is_sorted()), "records of a key are in order");
}

/// Commits small and large batches until told to end; the number of records.
async fn write(schema: &Schema, topic: &str, end: Instant) -> i64 {
    let mut next = 0;
    while Instant::now() < end {
        let size = [1, 3, 50, 4_000][fastrand::usize(..4)];
        commit(schema, topic, next, next + size).await;
        next += size;
        tokio::time::sleep(Duration::from_millis(fastrand::u64(1..60))).await;
    }
    next
}

#[tokio::test(flavor = "multi_thread")]
async fn a5_a_read_committed_consumer_sees_every_record_once_under_kill_9() {
    let schema = Schema::migrated().await;
    let topic = unique_topic();
    kafka::create_topic(&topic, 3, &[]).await;
    let seconds = std::env::var("OUTBOX_TORTURE_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(30);
    let end = Instant::now() + Duration::from_secs(seconds);
    let killing = async {
        let mut relays = [Process::start(&schema), Process::start(&schema)];
        let mut kills = 0;
        while Instant::now() < end {
            // One that is killed right away has hardly begun; one that is killed late has relayed for a while.
            tokio::time::sleep(Duration::from_millis(fastrand::u64(300..5_000))).await;
            let victim = fastrand::usize(..relays.len());
            if fastrand::u32(..4) == 0 {
                relays[victim].signal("-STOP");
                tokio::time::sleep(Duration::from_millis(4_500)).await;
                relays[victim].signal("-CONT");
            } else {
                std::mem::replace(&mut relays[victim], Process::start(&schema)).kill();
                kills += 1;
            }
        }
        (relays, kills)
    };
    let (count, (relays, kills)) = tokio::join!(write(&schema, &topic, end), killing);
    check(&topic, count, &format!("{kills} times kill -9, between two relays")).await;
    relays.into_iter().for_each(Process::stop);
    let transaction: Option<i64> = sqlx::query_scalar("SELECT sink_transaction FROM outbox_cursor")
        .fetch_one(&schema.pool)
        .await
        .expect("the cursor");
    assert_eq!(transaction, None, "an orderly stop leaves a cursor that counts by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_relays_hand_over_and_nothing_is_seen_twice() {
    let schema = Schema::migrated().await;
    let topic = unique_topic();
    kafka::create_topic(&topic, 3, &[]).await;
    let end = Instant::now() + Duration::from_secs(8);
    let stopping = async {
        let mut relays = [Process::start(&schema), Process::start(&schema)];
        for round in 0.. {
            if Instant::now() >= end {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1_200)).await;
            std::mem::replace(&mut relays[round % 2], Process::start(&schema)).stop();
        }
        relays
    };
    let (count, relays) = tokio::join!(write(&schema, &topic, end), stopping);
    check(&topic, count, "handed over by SIGTERM under load").await;
    relays.into_iter().for_each(Process::stop);
}

struct Running {
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<Result<(), outbox::relay::RelayError>>,
}

impl Running {
    fn start(pool: sqlx::PgPool, delivery: Delivery) -> Self {
        let sink = KafkaSink::new(server("KAFKA_BROKERS")).expect("a sink");
        let relay =
            Relay::builder(PostgresStore::new(pool), sink).delivery(delivery).lease(Duration::from_secs(3)).build();
        let (stop, stopped) = oneshot::channel::<()>();
        Self { stop, task: tokio::spawn(relay.run(async move { drop(stopped.await) })) }
    }

    async fn stop(self) {
        drop(self.stop);
        self.task.await.expect("no panic").expect("an orderly stop");
    }
}

/// One record that its topic refuses stands among thousands: it alone is parked, and nobody sees anything twice.
#[tokio::test(flavor = "multi_thread")]
async fn rule_16_poison_is_found_in_a_large_transaction() {
    let schema = Schema::migrated().await;
    let (topic, compacted) = (unique_topic(), unique_topic());
    kafka::create_topic(&topic, 3, &[]).await;
    kafka::create_topic(&compacted, 1, &[("cleanup.policy", "compact")]).await;
    commit(&schema, &topic, 0, 6_000).await;
    let poison = format!(
        "INSERT INTO outbox_log (id, topic, key, headers, payload) VALUES (gen_random_uuid(), '{compacted}', NULL, '', '')"
    );
    sqlx::raw_sql(AssertSqlSafe(poison)).execute(&schema.pool).await.expect("a record without a key");
    commit(&schema, &topic, 6_000, 10_000).await;
    let begun = Instant::now();
    let relay = Running::start(schema.pool.clone(), Delivery::ExactlyOnce);
    check(&topic, 10_000, "one poisoned record among 10,000").await;
    println!("found in {:?}", begun.elapsed());
    let parked: Vec<(String, String)> =
        sqlx::query_as("SELECT topic, state FROM outbox_parked").fetch_all(&schema.pool).await.expect("rows");
    assert_eq!(parked, [(compacted, "failed".to_owned())]);
    relay.stop().await;
}

/// Records of a topic that is missing wait in the table; the others flow, and all come once when it is there.
#[tokio::test(flavor = "multi_thread")]
async fn rule_16_records_of_a_missing_topic_wait_and_come_once() {
    let schema = Schema::migrated().await;
    let (topic, missing) = (unique_topic(), unique_topic());
    kafka::create_topic(&topic, 3, &[]).await;
    commit(&schema, &topic, 0, 500).await;
    commit(&schema, &missing, 0, 300).await;
    commit(&schema, &topic, 500, 1_000).await;
    let relay = Running::start(schema.pool.clone(), Delivery::ExactlyOnce);
    check(&topic, 1_000, "beside a missing topic").await;
    relay.stop().await;
    kafka::create_topic(&missing, 3, &[]).await;
    let relay = Running::start(schema.pool.clone(), Delivery::ExactlyOnce);
    check(&missing, 300, "the topic is there").await;
    relay.stop().await;
    let parked: i64 =
        sqlx::query_scalar("SELECT count(*) FROM outbox_parked").fetch_one(&schema.pool).await.expect("a count");
    assert_eq!(parked, 0, "the rows that the last position lists are gone after an orderly stop");
}

/// Connections die in the middle of everything: a settle is repeated, or the relay goes back to the position.
#[tokio::test(flavor = "multi_thread")]
async fn killed_connections_show_nothing_twice() {
    let schema = Schema::migrated().await;
    let topic = unique_topic();
    kafka::create_topic(&topic, 3, &[]).await;
    let options = schema.pool.connect_options().as_ref().clone().application_name(&schema.name);
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(5).connect_lazy_with(options);
    let relay = Running::start(pool, Delivery::ExactlyOnce);
    let end = Instant::now() + Duration::from_secs(8);
    let killing = async {
        let mut killed = 0;
        while Instant::now() < end {
            let victims = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1";
            let n: i64 = sqlx::query_scalar(victims).bind(&schema.name).fetch_one(&schema.pool).await.expect("kill");
            killed += n;
            tokio::time::sleep(Duration::from_millis(fastrand::u64(50..250))).await;
        }
        killed
    };
    let (count, killed) = tokio::join!(write(&schema, &topic, end), killing);
    check(&topic, count, &format!("{killed} connections killed")).await;
    relay.stop().await;
}
