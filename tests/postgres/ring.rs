//! The ring: M1, M2, M3, what a relayed event costs, and what is kept.

use std::time::{Duration, Instant};

use outbox_runtime::store::{PostgresStore, Store};
use sqlx::PgPool;

use crate::cluster::Cluster;
use crate::support::{PATIENCE, Relay, Schema, insert, sql};

/// The slot that new rows go to.
async fn current(pool: &PgPool) -> i16 {
    sqlx::query_scalar("SELECT (coalesce(pg_sequence_last_value('outbox_log_slot_seq'), 0) & 255)::smallint")
        .fetch_one(pool)
        .await
        .unwrap()
}

/// Slots that have rows.
async fn in_use(pool: &PgPool) -> Vec<i16> {
    sqlx::query_scalar("SELECT DISTINCT slot FROM outbox_log ORDER BY slot").fetch_all(pool).await.unwrap()
}

async fn slots(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM pg_inherits WHERE inhparent = 'outbox_log'::regclass")
        .fetch_one(pool)
        .await
        .unwrap()
}

/// Until nothing of the log is left.
async fn empty(schema: &Schema, relay: &mut Relay) {
    let start = Instant::now();
    while schema.rows().await > 0 {
        assert!(start.elapsed() < PATIENCE, "rows stay in {:?}", in_use(&schema.pool).await);
        relay.deliver().await;
        relay.make_room().await;
    }
}

/// M1: a transaction that has written to a slot keeps it, and only it, for as long as it is open; nobody waits.
#[tokio::test(flavor = "multi_thread")]
async fn m1_an_open_writer_keeps_its_slot_and_no_other() {
    let schema = Schema::new().await;
    let mut relay = schema.relay().await;
    let mut open = schema.pool.begin().await.unwrap();
    insert(&mut *open, "long", "long").await;
    let kept = current(&schema.pool).await;
    for n in 0..20 {
        insert(&schema.pool, "k", &n.to_string()).await;
        assert_eq!(relay.deliver().await, [n.to_string()]);
        relay.make_room().await;
        assert_ne!(current(&schema.pool).await, kept, "rows went on");
    }
    let others: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox_log WHERE slot <> $1")
        .bind(kept)
        .fetch_one(&schema.pool)
        .await
        .unwrap();
    assert!(others <= 1, "{others} rows in the others");
    open.commit().await.unwrap();
    assert_eq!(relay.deliver().await, ["long"]);
    empty(&schema, &mut relay).await;
    assert_eq!(slots(&schema.pool).await, 4);
    schema.drop().await;
}

/// M2: a writer that was stopped between looking up its slot and writing puts its row into a slot that rows have long left:
/// it is read, in its turn, and the slot goes only after that.
#[tokio::test(flavor = "multi_thread")]
async fn m2_a_row_in_a_slot_long_left_is_read() {
    let schema = Schema::new().await;
    let mut relay = schema.relay().await;
    for pause in [Duration::ZERO, Duration::from_millis(1_200)] {
        let mut stopped = schema.pool.begin().await.unwrap();
        let (position, slot): (i64, i16) = sqlx::query_as(
            "SELECT CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('outbox_log_position_seq') END,
                    (coalesce(pg_sequence_last_value('outbox_log_slot_seq'), 0) & 255)::smallint",
        )
        .fetch_one(&mut *stopped)
        .await
        .unwrap();
        let start = Instant::now();
        let mut rounds = 0;
        while rounds < 6 || start.elapsed() < pause {
            insert(&schema.pool, "k", "other").await;
            assert_eq!(relay.deliver().await, ["other"]);
            relay.make_room().await;
            rounds += 1;
            // Rows have gone on, and the reader has taken note of it.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        insert(&schema.pool, "k", "last").await;
        sqlx::query(
            "INSERT INTO outbox_log (position, slot, id, topic, key, headers, payload)
             VALUES ($1, $2, gen_random_uuid(), 't', 'k', '', 'stopped')",
        )
        .bind(position)
        .bind(slot)
        .execute(&mut *stopped)
        .await
        .unwrap();
        relay.make_room().await;
        stopped.commit().await.unwrap();
        relay.make_room().await;
        assert_eq!(relay.deliver().await, ["stopped", "last"]);
    }
    empty(&schema, &mut relay).await;
    schema.drop().await;
}

/// M2: slots that cannot be emptied are not written over: the log grows by one, whoever writes waits for nothing, and a
/// transaction that began before it finds a place for its rows.
#[tokio::test(flavor = "multi_thread")]
async fn m2_the_ring_grows_before_it_wraps_into_unread_rows() {
    let schema = Schema::new().await;
    let mut relay = schema.relay().await;
    // It has touched all slots, and none can be emptied.
    let mut reader = schema.pool.begin().await.unwrap();
    sql(&mut *reader, "SELECT count(*) FROM outbox_log").await;
    let mut older = schema.pool.begin().await.unwrap();
    insert(&mut *older, "old", "0").await;

    let (start, mut n) = (Instant::now(), 0);
    while slots(&schema.pool).await < 5 {
        assert!(start.elapsed() < PATIENCE, "the log does not grow");
        insert(&schema.pool, "k", &n.to_string()).await;
        assert_eq!(relay.deliver().await, [n.to_string()]);
        assert_eq!(relay.make_room().await, 0);
        n += 1;
    }
    let full = current(&schema.pool).await;
    for _ in 0..5 {
        relay.make_room().await;
        insert(&schema.pool, "k", &n.to_string()).await;
        assert_eq!(relay.deliver().await, [n.to_string()]);
        assert_eq!(current(&schema.pool).await, full, "the older writer may not know the new slot");
        n += 1;
    }
    insert(&mut *older, "old", "1").await;
    older.commit().await.unwrap();
    assert_eq!(relay.deliver().await, ["0", "1"]);
    while current(&schema.pool).await != 4 {
        assert!(start.elapsed() < PATIENCE, "the new slot is not used");
        relay.make_room().await;
    }
    insert(&schema.pool, "k", "new").await;
    assert_eq!(relay.deliver().await, ["new"]);
    assert_eq!(in_use(&schema.pool).await, [0, 1, 2, 3, 4]);

    reader.rollback().await.unwrap();
    empty(&schema, &mut relay).await;
    // A relay that starts has to find out anew who knows the slot.
    relay.store.release(&relay.lease).await.unwrap();
    let mut relay = schema.relay().await;
    for n in 0..10 {
        insert(&schema.pool, "k", &n.to_string()).await;
        assert_eq!(relay.deliver().await, [n.to_string()]);
        relay.make_room().await;
    }
    empty(&schema, &mut relay).await;
    schema.drop().await;
}

/// M3: a TRUNCATE that waits, or any other lock on the slots that rows have left, holds up neither reads nor writes.
#[tokio::test(flavor = "multi_thread")]
async fn m3_reads_and_writes_touch_the_current_slot_only() {
    let schema = Schema::new().await;
    let mut relay = schema.relay().await;
    insert(&schema.pool, "k", "0").await;
    relay.deliver().await;
    relay.make_room().await;
    let now = current(&schema.pool).await;
    assert_ne!(now, 0);
    // The reader knows where rows go once a window has ended above all of those before.
    let last = insert(&schema.pool, "k", "1").await;
    relay.deliver_until_floor(last).await;
    let mut locks = schema.pool.begin().await.unwrap();
    for slot in (0..4).filter(|slot| *slot != now) {
        sql(&mut *locks, format!("LOCK TABLE outbox_log_{slot} IN ACCESS EXCLUSIVE MODE")).await;
    }
    let work = async {
        for n in 0..5 {
            insert(&schema.pool, "k", &n.to_string()).await;
            assert_eq!(relay.deliver().await, [n.to_string()]);
        }
    };
    tokio::time::timeout(PATIENCE, work).await.expect("nobody waits for a slot that rows have left");
    locks.rollback().await.unwrap();
    schema.drop().await;
}

/// M3: an idle transaction that has read the log keeps slots from being emptied, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn m3_an_idle_reader_of_the_log_blocks_nobody() {
    let schema = Schema::new().await;
    let mut relay = schema.relay().await;
    insert(&schema.pool, "k", "0").await;
    let mut idle = schema.pool.begin().await.unwrap();
    sql(&mut *idle, "SELECT count(*) FROM outbox_log").await;
    relay.deliver().await;
    let start = Instant::now();
    assert_eq!(relay.make_room().await, 0);
    assert!(start.elapsed() < PATIENCE / 10, "it gives up quietly and soon");
    insert(&schema.pool, "k", "1").await;
    assert_eq!(relay.deliver().await, ["1"]);
    idle.rollback().await.unwrap();
    empty(&schema, &mut relay).await;
    schema.drop().await;
}

async fn wal(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint").fetch_one(pool).await.unwrap()
}

/// Relaying writes nothing for an event: what there is are cursors, xids of the low-water mark, and a TRUNCATE.
#[tokio::test(flavor = "multi_thread")]
async fn a_relayed_event_costs_no_wal() {
    const EVENTS: i64 = 20_000;
    let cluster = Cluster::start("");
    let schema = Schema::on(cluster.options()).await;
    let mut relay = schema.relay().await;
    sqlx::query(
        "INSERT INTO outbox_log (id, topic, headers, payload)
         SELECT gen_random_uuid(), 't', '', repeat('x', 160)::bytea FROM generate_series(1, $1)",
    )
    .bind(EVENTS)
    .execute(&schema.pool)
    .await
    .unwrap();
    // Rows go on and the cursor's page is in the log, so that what follows is no first touch after a checkpoint.
    relay.make_room().await;
    relay.settle().await.unwrap();
    let before = wal(&schema.pool).await;
    let mut read = 0;
    loop {
        let page = relay.read(5_000).await.unwrap();
        read += page.records.len() as i64;
        relay.settle().await.unwrap();
        if !page.more && page.records.is_empty() {
            break;
        }
    }
    let cursors = wal(&schema.pool).await - before;
    assert_eq!(read, EVENTS);
    assert_eq!(relay.make_room().await, EVENTS as u64);
    let all = wal(&schema.pool).await - before;
    println!("{EVENTS} events: {cursors} B of WAL for cursors, {} B for TRUNCATE", all - cursors);
    assert!(all < EVENTS, "less than one byte for an event, where a DELETE has 60 and more");
    assert_eq!(schema.rows().await, 0);
}

/// Published records stay for the time of the retention, and go early where they are too many.
#[tokio::test(flavor = "multi_thread")]
async fn published_records_are_kept_for_the_retention() {
    let hour = Duration::from_secs(3_600);
    for bytes in [None, Some(1)] {
        let schema = Schema::new().await;
        let store = PostgresStore::builder(schema.pool.clone()).slot_bytes(1).retention(hour);
        let store = match bytes {
            None => store.build(),
            Some(bytes) => store.retention_bytes(bytes).build(),
        };
        let mut relay = Relay::with(store, schema.pool.clone()).await.unwrap();
        for n in 0..2 {
            insert(&schema.pool, "k", &n.to_string()).await;
            relay.deliver().await;
            let gone = relay.make_room().await;
            assert_eq!(gone, u64::from(bytes.is_some()));
        }
        if bytes.is_none() {
            assert_eq!((schema.rows().await, in_use(&schema.pool).await), (2, vec![0, 1]));
            sql(&schema.pool, "UPDATE outbox_slot SET filled_at = filled_at - interval '1 hour' WHERE slot = 0").await;
            assert_eq!(relay.make_room().await, 1);
            assert_eq!(in_use(&schema.pool).await, [1]);
        }
        schema.drop().await;
    }
}
