//! R6 and T18: a log that comes from another cluster, by a real dump and restore; a standby that lost its tail.

use std::time::Instant;

use outbox_runtime::relay;
use outbox_runtime::sink::MemorySink;
use outbox_runtime::store::{Acquired, PostgresStore, Store, StoreError};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use uuid::Uuid;

use crate::cluster::Cluster;
use crate::support::{LEASE, PATIENCE, Relay, Schema, insert, payloads, sql};

/// A cluster whose transactions are numbered far beyond those of a new one.
async fn origin() -> (Cluster, Schema) {
    let cluster = Cluster::start("wal_level = replica");
    let schema = Schema::on(cluster.options()).await;
    for _ in 0..500 {
        sql(&schema.pool, "SELECT pg_current_xact_id()").await;
    }
    (cluster, schema)
}

/// The schema on the other cluster.
async fn on(cluster: &Cluster, schema: &Schema) -> PgPool {
    let options = cluster.options().options([("search_path", schema.name())]);
    PgPoolOptions::new().max_connections(20).connect_with(options).await.expect("the cluster answers")
}

/// Reads and settles page by page, as small as they can be, until nothing comes.
async fn drain(relay: &mut Relay) -> Vec<String> {
    let (start, mut all) = (Instant::now(), vec![]);
    loop {
        assert!(start.elapsed() < PATIENCE, "it comes to an end: {all:?}");
        let page = relay.read(3).await.expect("a page");
        relay.settle().await.expect("ours");
        all.extend(payloads(&page.records));
        if page.records.is_empty() && !page.more {
            return all;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r6_a_restored_dump_publishes_nothing_until_it_is_adopted() {
    let (from, schema) = origin().await;
    let mut relay = schema.relay().await;
    for n in 0..20 {
        insert(&schema.pool, "k", &n.to_string()).await;
    }
    assert_eq!(relay.deliver_until_floor(20).await.len(), 20);
    // In the middle of a window, with one row of a transaction that is still open.
    let mut long = schema.pool.begin().await.unwrap();
    let late = insert(&mut *long, "late", "late").await;
    for n in 21..30 {
        insert(&schema.pool, "k", &n.to_string()).await;
    }
    assert_eq!(payloads(&relay.read(4).await.unwrap().records), ["21", "22", "23", "24"]);
    relay.settle().await.unwrap();
    long.commit().await.unwrap();
    assert_eq!(late, 21);
    // One of the next page is parked, and one was skipped: they are not in the log's hands any more.
    let park = "INSERT INTO outbox_parked (position, state, cause, id, topic, key, headers, payload)
                SELECT position, 'failed', 'a test', id, topic, key, headers, payload FROM outbox_log WHERE position = 28";
    sql(&schema.pool, park).await;
    let skip = "INSERT INTO outbox_skipped (position, id, state, cause, parked_at, topic, headers)
                SELECT position, id, 'failed', 'a test', now(), topic, headers FROM outbox_log WHERE position = 29";
    sql(&schema.pool, skip).await;

    let to = Cluster::start("");
    from.restore_into(&to);
    let pool = on(&to, &schema).await;
    let store = PostgresStore::new(pool.clone());
    let refused = store.acquire(Uuid::now_v7(), LEASE).await.expect_err("another cluster's");
    assert!(matches!(refused, StoreError::OtherCluster { .. }), "{refused:?}");
    assert!(!refused.is_transient() && refused.to_string().contains("outbox adopt"), "{refused}");
    let adoption = store.adoption().await.unwrap();
    assert!(adoption.is_needed() && adoption.records == 8 && adoption.parked == 1, "{adoption:?}");
    assert!(store.acquire(Uuid::now_v7(), LEASE).await.is_err(), "looking changes nothing");

    // A service that writes here already, with a transaction that is open while the log is adopted.
    insert(&pool, "k", "new").await;
    let mut open = pool.begin().await.unwrap();
    insert(&mut *open, "open", "open").await;
    insert(&pool, "k", "newer").await;
    let adopted = tokio::time::timeout(PATIENCE, store.adopt()).await.expect("nobody is waited for").unwrap();
    assert_eq!(adopted.records, 10);
    assert!(!store.adopt().await.unwrap().is_needed(), "once is enough");

    let mut relay = Relay::start(pool.clone()).await;
    let mut expected: Vec<String> = ["late".to_owned()].into();
    expected.extend(
        (21..30)
            .filter(|n| ![27, 28].contains(n))
            .map(|n: i32| n.to_string())
            .chain(["new".to_owned(), "newer".to_owned()]),
    );
    assert_eq!(drain(&mut relay).await, expected, "by position, whatever the xids of the other cluster say");
    insert(&pool, "k", "after").await;
    open.commit().await.unwrap();
    assert_eq!(drain(&mut relay).await, ["open", "after"]);
    assert!(drain(&mut relay).await.is_empty(), "nothing comes again and again");

    // Rows that had been settled there go, too.
    relay.deliver_until_floor(34).await;
    while relay.store.make_room(&relay.lease).await.unwrap() > 0 {}
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox_log").fetch_one(&pool).await.unwrap();
    assert_eq!(left, 0);
}

/// Without an adoption, with the identifier alone put right, what is written here would be lost.
#[tokio::test(flavor = "multi_thread")]
async fn r6_the_origins_xids_mean_nothing_here() {
    let (from, schema) = origin().await;
    let mut relay = schema.relay().await;
    insert(&schema.pool, "k", "settled").await;
    assert_eq!(relay.deliver().await, ["settled"]);
    for n in 0..5 {
        insert(&schema.pool, "k", &n.to_string()).await;
    }
    let to = Cluster::start("");
    from.restore_into(&to);
    let pool = on(&to, &schema).await;
    insert(&pool, "k", "new").await;
    sql(&pool, "UPDATE outbox_cursor SET system_identifier = (SELECT system_identifier FROM pg_control_system()), owner = NULL").await;
    let mut wrong = Relay::start(pool.clone()).await;
    let first = wrong.deliver().await;
    assert!(!first.contains(&"new".to_owned()), "lost: the origin's snapshot takes it for old: {first:?}");
}

/// A cursor that was written for a transaction of the sink counts only where that was committed, and nobody can ask for it
/// under the log's new name.
#[tokio::test(flavor = "multi_thread")]
async fn r6_what_a_sink_may_not_have_committed_is_published() {
    for (sink_transaction, again) in [("NULL", &[][..]), ("7", &["0", "1", "2"])] {
        let schema = Schema::new().await;
        let mut relay = schema.relay().await;
        for n in 0..3 {
            insert(&schema.pool, "k", &n.to_string()).await;
        }
        assert_eq!(relay.deliver().await, ["0", "1", "2"]);
        relay.deliver().await;
        let elsewhere = "UPDATE outbox_cursor SET system_identifier = system_identifier + 1, low = high, floor = high, owner = NULL";
        sql(&schema.pool, format!("{elsewhere}, sink_transaction = {sink_transaction}")).await;
        let adopted = PostgresStore::new(schema.pool.clone()).adopt().await.unwrap();
        assert_eq!(adopted.records, again.len() as u64);
        assert_eq!(Relay::start(schema.pool.clone()).await.deliver().await, again);
        schema.drop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r6_a_sequence_that_is_behind_is_refused() {
    let (from, schema) = origin().await;
    for n in 0..10 {
        insert(&schema.pool, "k", &n.to_string()).await;
    }
    let to = Cluster::start("");
    from.restore_into(&to);
    let pool = on(&to, &schema).await;
    // As logical replication leaves it.
    sql(&pool, "ALTER SEQUENCE outbox_log_position_seq RESTART").await;
    let store = PostgresStore::new(pool.clone());
    for refused in [store.adoption().await, store.adopt().await] {
        let error = refused.expect_err("it would hand out 1 again");
        assert!(matches!(error, StoreError::SequenceBehind { sequence: 0, highest: 10 }), "{error:?}");
        assert!(!error.is_transient() && error.to_string().ends_with("[OBX-135]"), "{error}");
    }
    let refused = store.acquire(Uuid::now_v7(), LEASE).await.expect_err("nothing was adopted");
    assert!(matches!(refused, StoreError::OtherCluster { .. }), "{refused:?}");
    // The statement of the message.
    sql(&pool, "SELECT setval('outbox_log_position_seq', 10)").await;
    assert_eq!(store.adopt().await.unwrap().records, 10);
    insert(&pool, "k", "after").await;
    let mut relay = Relay::start(pool).await;
    assert_eq!(drain(&mut relay).await.len(), 11);
}

/// Logical replication left the sequence behind, and services have written below what the origin had delivered: the remedy of
/// OBX-135.
#[tokio::test(flavor = "multi_thread")]
async fn r6_what_was_written_below_the_origins_mark_is_adopted() {
    let (from, schema) = origin().await;
    let to = Cluster::start("");
    from.restore_into(&to);
    let pool = on(&to, &schema).await;
    sql(&pool, "UPDATE outbox_cursor SET low = 10, floor = 10, high = 10, last_position = 10").await;
    for n in 0..3 {
        insert(&pool, "k", &n.to_string()).await;
    }
    sql(&pool, "SELECT setval('outbox_log_position_seq', 10)").await;
    sql(&pool, "UPDATE outbox_cursor SET low = 0").await;
    assert_eq!(PostgresStore::new(pool.clone()).adopt().await.unwrap().records, 3);
    insert(&pool, "k", "after").await;
    let mut relay = Relay::start(pool).await;
    assert_eq!(drain(&mut relay).await, ["0", "1", "2", "after"]);
}

/// S3: a snapshot that is older than the cursor's table sees no cursor. A dump of that moment is adopted, and nothing is lost.
#[tokio::test(flavor = "multi_thread")]
async fn s3_a_dump_without_a_cursor_is_adopted_and_loses_nothing() {
    let (from, schema) = origin().await;
    let mut relay = schema.relay().await;
    for n in 0..5 {
        insert(&schema.pool, "k", &n.to_string()).await;
    }
    assert_eq!(relay.deliver().await.len(), 5);
    for n in 5..8 {
        insert(&schema.pool, "k", &n.to_string()).await;
    }
    let mut dump = schema.pool.begin().await.unwrap();
    sql(&mut *dump, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").await;
    let snapshot: String = sqlx::query_scalar("SELECT pg_export_snapshot()").fetch_one(&mut *dump).await.unwrap();
    let file = async || -> i64 {
        let file = "SELECT pg_relation_filenode('outbox_cursor')::bigint";
        sqlx::query_scalar(file).fetch_one(&schema.pool).await.unwrap()
    };
    let (start, first) = (Instant::now(), file().await);
    while file().await == first {
        assert!(start.elapsed() < PATIENCE, "the cursor's table is not written anew");
        for _ in 0..200 {
            relay.settle().await.unwrap();
        }
        relay.make_room().await;
    }
    let park = "INSERT INTO outbox_parked (position, state, cause, id, topic, key, headers, payload)
                SELECT position, 'failed', 'a test', id, topic, key, headers, payload FROM outbox_log WHERE position = 7";
    sql(&schema.pool, park).await;

    let to = Cluster::start("");
    from.restore_snapshot_into(&to, Some(&snapshot));
    let pool = on(&to, &schema).await;
    let cursors: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox_cursor").fetch_one(&pool).await.unwrap();
    assert_eq!(cursors, 0, "the dump has none");
    let store = PostgresStore::new(pool.clone());
    let refused = store.acquire(Uuid::now_v7(), LEASE).await.expect_err("nobody knows what was published");
    assert!(!refused.is_transient() && refused.to_string().contains("outbox adopt"), "{refused}");
    let adoption = store.adoption().await.unwrap();
    assert!(adoption.is_needed() && adoption.stored.is_none() && adoption.records == 8, "{adoption:?}");
    let (one, other) = tokio::join!(store.adopt(), store.adopt());
    let adopted: Vec<u64> =
        [one.unwrap(), other.unwrap()].iter().filter(|it| it.is_needed()).map(|it| it.records).collect();
    assert_eq!(adopted, [8], "by one of those who adopt at the same time");
    let mut relay = Relay::start(pool.clone()).await;
    assert_eq!(drain(&mut relay).await, (0..8).map(|n| n.to_string()).collect::<Vec<_>>());
    dump.rollback().await.unwrap();
}

/// T18: an asynchronous standby is promoted without the end of the log; xids are handed out again.
#[tokio::test(flavor = "multi_thread")]
async fn t18_a_promoted_standby_that_lost_its_tail_loses_nothing_else() {
    let (primary, schema) = origin().await;
    let standby = primary.standby();
    let mut relay = schema.relay().await;
    for n in 0..5 {
        insert(&schema.pool, "k", &format!("kept {n}")).await;
    }
    assert_eq!(relay.deliver().await.len(), 5);
    let there = on(&standby, &schema).await;
    let start = Instant::now();
    loop {
        // What the relay has settled is there as well.
        let count: (i64, i64) = sqlx::query_as("SELECT (SELECT count(*) FROM outbox_log), high FROM outbox_cursor")
            .fetch_one(&there)
            .await
            .unwrap();
        if count == (5, 5) {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "the standby follows: {count:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    standby.stop();
    for n in 0..5 {
        insert(&schema.pool, "k", &format!("lost {n}")).await;
    }
    assert_eq!(relay.deliver().await.len(), 5, "published, and then lost with the primary");
    primary.crash();
    standby.up();
    standby.promote();
    let pool = on(&standby, &schema).await;
    for n in 0..5 {
        let position = insert(&pool, "k", &format!("new {n}")).await;
        assert!(position > 10, "a sequence's values are logged in advance");
    }
    // The relay comes over with all its memory, as through an address that now leads elsewhere.
    relay.store = PostgresStore::new(pool.clone());
    let read = relay.read(10).await;
    assert!(matches!(read, Err(StoreError::IncarnationChanged)), "{read:?}");
    assert!(matches!(relay.settle().await, Err(StoreError::IncarnationChanged)));
    let lease = match relay.store.acquire(relay.lease.owner, LEASE).await.unwrap() {
        Acquired::Taken(lease) => lease,
        held => panic!("it is the same owner: {held:?}"),
    };
    relay.lease = lease;
    relay.reload().await;
    let delivered = drain(&mut relay).await;
    assert_eq!(delivered, (0..5).map(|n| format!("new {n}")).collect::<Vec<_>>());
}

/// Relays exactly once into `sink` until it has `count` messages; then the relay is killed.
async fn relay_until(pool: PgPool, sink: &MemorySink, count: usize) {
    let relay = relay::Relay::builder(PostgresStore::new(pool), sink.clone());
    let relay = relay.delivery(relay::Delivery::ExactlyOnce).lease(std::time::Duration::from_secs(1)).build();
    let task = tokio::spawn(relay.run(std::future::pending()));
    let start = Instant::now();
    while sink.messages().len() < count {
        assert!(start.elapsed() < PATIENCE && !task.is_finished(), "{} of {count}", sink.messages().len());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    task.abort();
}

/// A copy in the same cluster has the log's name: relayed exactly once, it would go by its origin's position.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_by_template_is_refused_until_it_has_a_name_of_its_own() {
    let cluster = Cluster::start("");
    let admin = PgPool::connect_with(cluster.options()).await.unwrap();
    let database = async |name: &str| PgPool::connect_with(cluster.options().database(name)).await.unwrap();
    let sink = MemorySink::new();
    sql(&admin, "CREATE DATABASE origin").await;
    let origin = database("origin").await;
    sql(&origin, crate::support::MIGRATION).await;
    for n in 0..5 {
        insert(&origin, "k", &format!("before {n}")).await;
    }
    relay_until(origin.clone(), &sink, 5).await;
    origin.close().await;
    let start = Instant::now();
    // The sessions of the killed relay take a moment to go.
    while let Err(error) = sqlx::raw_sql("CREATE DATABASE copy TEMPLATE origin").execute(&admin).await {
        assert!(start.elapsed() < PATIENCE, "{error}");
    }
    let (origin, copy) = (database("origin").await, database("copy").await);
    let all = |message: &str| (0..5).map(|n| format!("{message} {n}")).collect::<Vec<_>>();
    for n in 0..5 {
        insert(&copy, "k", &format!("copy {n}")).await;
        insert(&origin, "k", &format!("origin {n}")).await;
    }
    relay_until(origin.clone(), &sink, 10).await;

    let store = || PostgresStore::new(copy.clone());
    let run = relay::Relay::builder(store(), sink.clone()).delivery(relay::Delivery::ExactlyOnce).build();
    let refused = run.run(std::future::pending()).await.expect_err("the position is its origin's");
    let relay::RelayError::Store(refused) = refused else { panic!("{refused}") };
    assert!(matches!(refused, StoreError::Copy { .. }) && refused.to_string().ends_with("[OBX-174]"), "{refused}");
    assert!(!store().adopt().await.unwrap().is_needed(), "nobody can tell without the sink");
    sql(&copy, "UPDATE outbox_cursor SET owner = gen_random_uuid(), lease_until = now() + interval '1 hour'").await;
    let refused = store().adopt_copy().await.expect_err("a relay owns it");
    assert!(matches!(refused, StoreError::InUse { .. }) && refused.to_string().ends_with("[OBX-175]"), "{refused}");
    sql(&copy, "UPDATE outbox_cursor SET owner = NULL").await;
    store().adopt_copy().await.unwrap();
    // Killed as its origin's relay was, the cursor may have been ahead of the sink: what it has passed comes again.
    relay_until(copy.clone(), &sink, 20).await;
    insert(&origin, "k", "last").await;
    relay_until(origin.clone(), &sink, 21).await;
    let payloads = sink.messages().into_iter().filter_map(|message| message.payload);
    let texts: Vec<String> = payloads.map(|payload| String::from_utf8(payload).unwrap()).collect();
    let expected = [all("before"), all("origin"), all("before"), all("copy"), vec!["last".to_owned()]].concat();
    assert_eq!(texts, expected);
}
