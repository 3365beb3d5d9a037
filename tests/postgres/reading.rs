//! Rules of reading: R1, R2, R3, long writers, poolers.

use std::time::{Duration, Instant};

use outbox_runtime::store::{PostgresStore, Store};
use sqlx::postgres::PgPoolOptions;

use crate::support::{Relay, Schema, insert, payloads, sql};

/// R1: a transaction may have the lower xid and the later turn: only `position` knows.
#[tokio::test(flavor = "multi_thread")]
async fn r1_order_inside_a_window_is_by_position() {
    let schema = Schema::new().await;
    sql(&schema.pool, "CREATE TABLE account (n int NOT NULL); INSERT INTO account VALUES (0)").await;
    let mut relay = schema.relay().await;
    let mut early = schema.pool.begin().await.unwrap();
    sql(&mut *early, "SELECT pg_current_xact_id()").await;
    let mut first = schema.pool.begin().await.unwrap();
    sql(&mut *first, "UPDATE account SET n = n + 1").await;
    insert(&mut *first, "k", "first").await;
    first.commit().await.unwrap();
    sql(&mut *early, "UPDATE account SET n = n + 1").await;
    insert(&mut *early, "k", "second").await;
    early.commit().await.unwrap();

    let by_xid: Vec<Vec<u8>> = sqlx::query_scalar("SELECT payload FROM outbox_log ORDER BY xid, position")
        .fetch_all(&schema.pool)
        .await
        .unwrap();
    assert_eq!(by_xid, [b"second".to_vec(), b"first".to_vec()], "by xid it is inverted");
    assert_eq!(relay.deliver().await, ["first", "second"]);
    schema.drop().await;
}

/// R2: `low` belongs to `prev`: a relay that starts again from the stored cursor gets the whole window again.
#[tokio::test(flavor = "multi_thread")]
async fn r2_an_unsettled_window_is_read_again_in_full() {
    let schema = Schema::new().await;
    let mut relay = schema.relay().await;
    insert(&schema.pool, "k", "settled").await;
    relay.deliver_until_floor(1).await;
    for n in 0..10 {
        insert(&schema.pool, "k", &n.to_string()).await;
    }
    // Read far ahead, until the low-water mark in memory is past them, and settle nothing.
    let ahead = relay.read(100).await.unwrap();
    assert_eq!(ahead.records.len(), 10);
    let start = Instant::now();
    while !format!("{:?}", relay.cursor).contains("floor: 11") {
        assert!(start.elapsed() < crate::support::PATIENCE, "{:?}", relay.cursor);
        assert!(relay.read(100).await.unwrap().records.is_empty());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let in_memory = relay.cursor.clone();
    relay.reload().await;
    assert_eq!(payloads(&relay.read(100).await.unwrap().records), payloads(&ahead.records));

    // A part settled: the rest comes again, and only that.
    relay.settle_at(PostgresStore::cursor_at(&ahead.window, 5)).await.unwrap();
    relay.reload().await;
    assert_eq!(payloads(&relay.read(3).await.unwrap().records), ["4", "5", "6"]);
    assert_eq!(payloads(&relay.read(100).await.unwrap().records), ["7", "8", "9"]);

    // `low` run ahead of its `prev`: 0 of 10.
    relay.settle_at(PostgresStore::cursor_at(&ahead.window, 0)).await.unwrap();
    sql(&schema.pool, "UPDATE outbox_cursor SET floor = 11, low = 11").await;
    relay.reload().await;
    assert!(relay.read(100).await.unwrap().records.is_empty(), "the wrong rule loses them");
    relay.settle_at(in_memory).await.unwrap();
    schema.drop().await;
}

/// R3: a sequence that was never used says `last_value = 1`.
#[tokio::test(flavor = "multi_thread")]
async fn r3_the_very_first_event_arrives() {
    let schema = Schema::new().await;
    let mut relay = schema.relay().await;
    // Several windows over the empty log, and the candidate of the fresh sequence among them.
    for _ in 0..5 {
        assert!(relay.deliver().await.is_empty());
    }
    let (last_value, candidate): (i64, i64) = sqlx::query_as(
        "SELECT last_value, CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM outbox_log_position_seq",
    )
    .fetch_one(&schema.pool)
    .await
    .unwrap();
    assert_eq!((last_value, candidate), (1, 0), "the bare value would be the first event's position");
    assert_eq!(relay.floor().await, 0);
    assert_eq!(insert(&schema.pool, "k", "first").await, 1);
    assert_eq!(relay.deliver().await, ["first"]);
    schema.drop().await;
}

/// A6: ten transactions stay open, with events of their own in them; what others commit is delivered as fast as ever.
#[tokio::test(flavor = "multi_thread")]
async fn ten_long_writers_delay_nobody() {
    let schema = Schema::new().await;
    let mut relay = schema.relay().await;
    let alone = latency(&schema, &mut relay, Duration::from_secs(2)).await;
    let mut open = vec![];
    for n in 0..10 {
        let mut tx = schema.pool.begin().await.unwrap();
        insert(&mut *tx, &format!("long{n}"), "long").await;
        open.push(tx);
    }
    let beside = latency(&schema, &mut relay, Duration::from_secs(5)).await;
    println!("commit to delivery, median: {alone:?} alone, {beside:?} beside ten transactions open for 5 s");
    // A watermark would have waited for the long ones: seconds, not milliseconds.
    assert!(beside < Duration::from_millis(500), "{beside:?}");
    for tx in open {
        tx.commit().await.unwrap();
    }
    assert_eq!(relay.deliver().await, ["long"; 10]);
    schema.drop().await;
}

/// Median time from commit to delivery of events that are committed one after the other for `time`.
async fn latency(schema: &Schema, relay: &mut Relay, time: Duration) -> Duration {
    let (start, mut latencies) = (Instant::now(), vec![]);
    while start.elapsed() < time {
        let committed = insert(&schema.pool, "k", "short").await;
        let at = Instant::now();
        loop {
            let page = relay.read(1_000).await.unwrap();
            relay.settle().await.unwrap();
            if page.records.iter().any(|record| record.position == committed) {
                break;
            }
            assert!(at.elapsed() < crate::support::PATIENCE, "an event waits for the long writers");
        }
        latencies.push(at.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    latencies.sort();
    latencies[latencies.len() / 2]
}

/// T22: every statement on another connection, none prepared: nothing lives in a session.
#[tokio::test(flavor = "multi_thread")]
async fn t22_no_session_state_is_needed() {
    let schema = Schema::new().await;
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .after_release(|_, _| Box::pin(async { Ok(false) }))
        .connect_with(schema.options.clone().statement_cache_capacity(0))
        .await
        .unwrap();
    let mut relay = Relay::start(pool).await;
    for n in 0..9 {
        insert(&schema.pool, "k", &n.to_string()).await;
    }
    let mut read = vec![];
    for _ in 0..3 {
        read.extend(payloads(&relay.read(4).await.unwrap().records));
        relay.settle().await.unwrap();
    }
    assert_eq!(read, ["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
    crate::settling::park_and_unpark(&relay).await;
    assert_eq!(relay.store.make_room(&relay.lease).await.unwrap(), 9);
    relay.store.renew(&relay.lease, Duration::from_secs(1)).await.unwrap();
    relay.store.release(&relay.lease).await.unwrap();
    schema.drop().await;
}
