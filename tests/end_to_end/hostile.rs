//! Faults in the middle of a drain: connections cut, limits lowered, poison beside others, a broker that is away.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use outbox::relay::{Relay, RelayError};
use outbox::sink::KafkaSink;
use outbox::store::PostgresStore;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, AlterConfig, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use sqlx::AssertSqlSafe;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::kafka::{self, Received};
use super::postgres::Schema;

/// One heavy drain at a time: other tests measure times.
static HEAVY: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn unique_topic() -> String {
    format!("e2e.{}", uuid::Uuid::now_v7().simple())
}

fn sink() -> KafkaSink {
    KafkaSink::new(super::server("KAFKA_BROKERS")).expect("a sink")
}

/// Commits `count` records of `keys` keys in one transaction; the payload says which record of its key it is.
async fn commit(schema: &Schema, topic: &str, keys: usize, count: usize, padding: usize) {
    let insert = format!(
        "INSERT INTO outbox_log (id, topic, key, headers, payload)
         SELECT gen_random_uuid(), '{topic}', convert_to((n % {keys})::text, 'UTF8'), '',
                convert_to(json_build_object('n', n / {keys}, 'pad', repeat('x', {padding}))::text, 'UTF8')
         FROM generate_series(0, {count} - 1) n"
    );
    sqlx::raw_sql(AssertSqlSafe(insert)).execute(&schema.pool).await.expect("records");
}

struct Running {
    stop: oneshot::Sender<()>,
    relay: JoinHandle<Result<(), RelayError>>,
}

impl Running {
    fn start(store: PostgresStore, sink: KafkaSink) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let relay = Relay::builder(store, sink).lease(Duration::from_secs(3)).build();
        let relay = tokio::spawn(relay.run(async move {
            stopped.await.ok();
        }));
        Self { stop, relay }
    }

    async fn stop(self) {
        self.stop.send(()).expect("the relay runs");
        self.relay.await.expect("no panic").expect("a clean stop");
    }
}

/// First deliveries of each key, and the number of repeated ones.
fn first_deliveries(messages: &[Received]) -> (BTreeMap<String, Vec<i64>>, usize) {
    let mut seen = HashSet::new();
    let mut firsts = BTreeMap::<String, Vec<i64>>::new();
    for message in messages {
        if seen.insert(message.id.clone().expect("an id")) {
            let n = message.json()["n"].as_i64().expect("n");
            firsts.entry(message.key.clone().expect("a key")).or_default().push(n);
        }
    }
    (firsts, messages.len() - seen.len())
}

/// Waits until `topic` holds `count` distinct records, checks each key's order; the number of duplicates.
async fn arrived(topic: &str, keys: usize, count: usize) -> usize {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let from = vec![0; kafka::ends(topic).len()];
        let total: i64 = kafka::ends(topic).iter().sum();
        if total >= count as i64 || Instant::now() > deadline {
            let (firsts, duplicates) = first_deliveries(&kafka::read(topic, &from));
            let distinct: usize = firsts.values().map(Vec::len).sum();
            if distinct >= count || Instant::now() > deadline {
                assert_eq!(distinct, count, "nothing is lost");
                for (key, numbers) in firsts {
                    let expected: Vec<i64> = (0..(count / keys) as i64).collect();
                    assert_eq!(numbers, expected, "first deliveries of key {key}");
                }
                return duplicates;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_killed_in_the_middle_of_everything() {
    let _alone = HEAVY.lock().await;
    let schema = Schema::migrated().await;
    let topic = unique_topic();
    kafka::create_topic(&topic, 3, &[]).await;
    let (keys, count) = (50, 100_000);
    commit(&schema, &topic, keys, count, 10).await;
    let options = schema.pool.connect_options().as_ref().clone().application_name(&schema.name);
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(5).connect_lazy_with(options);
    let relay = Running::start(PostgresStore::new(pool), sink());
    let (done, mut is_done) = oneshot::channel::<()>();
    let (admin, name) = (schema.pool.clone(), schema.name.clone());
    let killer = tokio::spawn(async move {
        let mut killed = 0;
        // Not for ever: a read that takes longer than the pause between two kills would never come to its end.
        let end = Instant::now() + Duration::from_secs(8);
        while is_done.try_recv().is_err() && Instant::now() < end {
            let n: i64 = sqlx::query_scalar(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1",
            )
            .bind(&name)
            .fetch_one(&admin)
            .await
            .expect("kill");
            killed += n;
            tokio::time::sleep(Duration::from_millis(fastrand::u64(50..250))).await;
        }
        killed
    });
    let begun = Instant::now();
    let duplicates = arrived(&topic, keys, count).await;
    done.send(()).ok();
    println!(
        "{} connections killed in {:?}, {duplicates} duplicates",
        killer.await.expect("no panic"),
        begun.elapsed()
    );
    assert_eq!(duplicates, 0, "the relay lived: no record is sent twice");
    relay.stop().await;
}

async fn set_limit(topic: &str, bytes: usize) {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", super::server("KAFKA_BROKERS"));
    let admin: AdminClient<DefaultClientContext> = config.create().expect("an admin client");
    let bytes = bytes.to_string();
    let alter = AlterConfig::new(ResourceSpecifier::Topic(topic)).set("max.message.bytes", &bytes);
    for result in admin.alter_configs([&alter], &AdminOptions::new()).await.expect("Kafka answers") {
        result.expect("the limit is set");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lowered_limit_parks_nothing_that_fits() {
    let _alone = HEAVY.lock().await;
    let schema = Schema::migrated().await;
    let topic = unique_topic();
    kafka::create_topic(&topic, 3, &[]).await;
    commit(&schema, &topic, 10, 10, 10).await;
    let relay = Running::start(PostgresStore::new(schema.pool.clone()), sink());
    arrived(&topic, 10, 10).await;
    set_limit(&topic, 2_000).await;
    let begun = Instant::now();
    let insert = format!(
        "INSERT INTO outbox_log (id, topic, key, headers, payload)
         SELECT gen_random_uuid(), '{topic}', convert_to((n % 10)::text, 'UTF8'), '',
                convert_to(json_build_object('n', n / 10)::text, 'UTF8')
         FROM generate_series(10, 19999) n"
    );
    sqlx::raw_sql(AssertSqlSafe(insert)).execute(&schema.pool).await.expect("records");
    let duplicates = arrived(&topic, 10, 20_000).await;
    println!("20,000 records after the limit fell: {:?}, {duplicates} duplicates", begun.elapsed());
    let parked: i64 =
        sqlx::query_scalar("SELECT count(*) FROM outbox_parked").fetch_one(&schema.pool).await.expect("a count");
    assert_eq!(parked, 0);
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_in_one_topic_repeats_nothing_in_another() {
    let _alone = HEAVY.lock().await;
    let schema = Schema::migrated().await;
    let (compacted, topic) = (unique_topic(), unique_topic());
    kafka::create_topic(&compacted, 1, &[("cleanup.policy", "compact")]).await;
    kafka::create_topic(&topic, 3, &[]).await;
    let (keys, count) = (50, 60_000);
    for part in 0..6 {
        let insert = format!(
            "INSERT INTO outbox_log (id, topic, key, headers, payload)
             SELECT gen_random_uuid(), CASE WHEN n < 0 THEN '{compacted}' ELSE '{topic}' END,
                    CASE WHEN n < 0 THEN NULL ELSE convert_to((n % {keys})::text, 'UTF8') END, '',
                    convert_to(json_build_object('n', n / {keys}, 'pad', repeat('x', 200))::text, 'UTF8')
             FROM (SELECT -1 UNION ALL SELECT * FROM generate_series({part} * 10000, {part} * 10000 + 9999)) n(n)"
        );
        sqlx::raw_sql(AssertSqlSafe(insert)).execute(&schema.pool).await.expect("records");
    }
    let relay = Running::start(PostgresStore::new(schema.pool.clone()), sink());
    let begun = Instant::now();
    let duplicates = arrived(&topic, keys, count).await;
    println!("6 poisoned records beside 60,000 others: {:?}, {duplicates} duplicates", begun.elapsed());
    relay.stop().await;
    let parked: i64 =
        sqlx::query_scalar("SELECT count(*) FROM outbox_parked").fetch_one(&schema.pool).await.expect("a count");
    assert_eq!(parked, 6);
    // None, unless the broker takes longer than a second to answer what was in flight.
    assert!(duplicates < 1_000, "{duplicates} duplicates");
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_with_the_broker_down_ends_in_time() {
    let schema = Schema::migrated().await;
    commit(&schema, "e2e.nowhere", 5, 1000, 10).await;
    let sink = KafkaSink::new("127.0.0.1:9").expect("a sink");
    let relay =
        Relay::builder(PostgresStore::new(schema.pool.clone()), sink).drain_timeout(Duration::from_secs(2)).build();
    let (stop, stopped) = oneshot::channel::<()>();
    let relay = tokio::spawn(relay.run(async move {
        stopped.await.ok();
    }));
    tokio::time::sleep(Duration::from_secs(2)).await;
    let begun = Instant::now();
    stop.send(()).expect("the relay runs");
    relay.await.expect("no panic").expect("a clean stop");
    println!("stopped in {:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(12));
    let owner: Option<uuid::Uuid> =
        sqlx::query_scalar("SELECT owner FROM outbox_cursor").fetch_one(&schema.pool).await.expect("the cursor");
    assert_eq!(owner, None, "the lease is given back");
}

/// Forwards to PostgreSQL; [`Wire::freeze`] makes the connections of that moment silent, without closing them, as a
/// failed network does. Later ones are served.
struct Wire {
    port: u16,
    frozen: tokio::sync::watch::Sender<u64>,
}

impl Wire {
    async fn start(host: String, port: u16) -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let own = listener.local_addr().expect("an address").port();
        let (frozen, watch) = tokio::sync::watch::channel(0);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let mut server = tokio::net::TcpStream::connect((host.as_str(), port)).await.expect("PostgreSQL");
                let mut watch = watch.clone();
                watch.mark_unchanged();
                tokio::spawn(async move {
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                        Ok(()) = watch.changed() => {
                            std::future::pending::<()>().await;
                        }
                    }
                    drop((client, server));
                });
            }
        });
        Self { port: own, frozen }
    }

    fn freeze(&self) {
        self.frozen.send_modify(|freezes| *freezes += 1);
    }
}

/// A6: connections that answer nothing any more, and are not closed either, do not stop a relay for ever.
#[tokio::test(flavor = "multi_thread")]
async fn silent_connections_are_given_up() {
    let schema = Schema::migrated().await;
    let topic = unique_topic();
    kafka::create_topic(&topic, 1, &[]).await;
    commit(&schema, &topic, 10, 1_000, 10).await;
    let options = schema.pool.connect_options().as_ref().clone();
    let wire = Wire::start(options.get_host().to_owned(), options.get_port()).await;
    let options = options.host("127.0.0.1").port(wire.port);
    let pool = sqlx::postgres::PgPoolOptions::new()
        .max_connections(10)
        // A connection may as well fall silent behind the pool's test of it.
        .test_before_acquire(false)
        .connect_lazy_with(options);
    let relay = Running::start(PostgresStore::new(pool), sink());
    arrived(&topic, 10, 1_000).await;
    wire.freeze();
    let begun = Instant::now();
    let insert = format!(
        "INSERT INTO outbox_log (id, topic, key, headers, payload)
         SELECT gen_random_uuid(), '{topic}', convert_to((n % 10)::text, 'UTF8'), '',
                convert_to(json_build_object('n', n / 10)::text, 'UTF8')
         FROM generate_series(1000, 1999) n"
    );
    sqlx::raw_sql(AssertSqlSafe(insert)).execute(&schema.pool).await.expect("records");
    arrived(&topic, 10, 2_000).await;
    println!("published {:?} after the connections fell silent", begun.elapsed());
    relay.stop().await;
}

/// Rules 3, 4 and 10 on real servers: followers of a failed record stay, over restarts, until it is gone; then they come
/// before everything that their key was given later.
#[tokio::test(flavor = "multi_thread")]
async fn followers_of_a_parked_record_wait_over_restarts_and_keep_their_order() {
    let schema = Schema::migrated().await;
    let topic = unique_topic();
    kafka::create_topic(&topic, 2, &[("max.message.bytes", "3000")]).await;
    let insert = async |key: &str, numbers: std::ops::Range<i64>, padding: usize| {
        let insert = format!(
            "INSERT INTO outbox_log (id, topic, key, headers, payload)
             SELECT gen_random_uuid(), '{topic}', convert_to('{key}', 'UTF8'), '',
                    convert_to(json_build_object('n', n, 'pad', repeat('x', {padding}))::text, 'UTF8')
             FROM generate_series({}, {}) n",
            numbers.start,
            numbers.end - 1
        );
        sqlx::raw_sql(AssertSqlSafe(insert)).execute(&schema.pool).await.expect("records");
    };
    let landed = async |count: i64| {
        let deadline = Instant::now() + Duration::from_secs(30);
        while kafka::ends(&topic).iter().sum::<i64>() < count {
            assert!(Instant::now() < deadline, "{count} records do not arrive");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        first_deliveries(&kafka::read(&topic, &[0, 0]))
    };
    let parked = async |state: &str| -> i64 {
        let count = sqlx::query_scalar("SELECT count(*) FROM outbox_parked WHERE state = $1");
        count.bind(state).fetch_one(&schema.pool).await.expect("a count")
    };
    insert("a", 0..1, 10).await;
    insert("a", 1..2, 5_000).await;
    insert("a", 2..10, 10).await;
    insert("b", 0..10, 10).await;
    let relay = Running::start(PostgresStore::new(schema.pool.clone()), sink());
    landed(11).await;
    relay.stop().await;
    assert_eq!((parked("failed").await, parked("auto").await), (1, 8));

    insert("a", 10..12, 10).await;
    insert("b", 10..20, 10).await;
    let relay = Running::start(PostgresStore::new(schema.pool.clone()), sink());
    let (firsts, _) = landed(21).await;
    relay.stop().await;
    assert_eq!(firsts["a"], [0]);
    assert_eq!((parked("failed").await, parked("auto").await), (1, 10));

    sqlx::query("DELETE FROM outbox_parked WHERE state = 'failed'").execute(&schema.pool).await.expect("skipped");
    insert("a", 12..400, 10).await;
    let relay = Running::start(PostgresStore::new(schema.pool.clone()), sink());
    let (firsts, duplicates) = landed(21 + 398).await;
    relay.stop().await;
    assert_eq!(firsts["a"], std::iter::once(0).chain(2..400).collect::<Vec<i64>>());
    assert_eq!(firsts["b"], (0..20).collect::<Vec<i64>>());
    assert_eq!((duplicates, parked("failed").await, parked("auto").await), (0, 0, 0));
}
