//! R7: transactions that stay open for long cost reads nothing, and their rows come in their turn.

use std::time::{Duration, Instant};

use outbox_runtime::store::Store;
use sqlx::PgPool;

use crate::support::{PATIENCE, Relay, Schema, insert, payloads, sql};

async fn low(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT low FROM outbox_cursor").fetch_one(pool).await.unwrap()
}

/// Delivers other events until `low` has passed `position`, which a transaction that is open keeps the floor from.
async fn pass(schema: &Schema, relay: &mut Relay, position: i64) {
    let start = Instant::now();
    while low(&schema.pool).await <= position {
        assert!(start.elapsed() < PATIENCE, "`low` has not passed the long writer");
        insert(&schema.pool, "k", "short").await;
        assert_eq!(relay.deliver().await, ["short"]);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(relay.floor().await < position);
}

/// When one ends, its rows come in the same window, before those above `low`; fetched on their own they would come after
/// their successors.
#[tokio::test(flavor = "multi_thread")]
async fn r7_rows_of_a_long_writer_join_the_window_in_which_it_ends() {
    for (schema, restart) in [(Schema::new().await, false), (Schema::plain().await, true), (Schema::new().await, true)]
    {
        sql(&schema.pool, "CREATE TABLE account (n int NOT NULL); INSERT INTO account VALUES (0)").await;
        let mut relay = schema.relay().await;
        let mut long = schema.pool.begin().await.unwrap();
        sql(&mut *long, "UPDATE account SET n = n + 1").await;
        let first = insert(&mut *long, "account", "first").await;
        let mut rolled_back = schema.pool.begin().await.unwrap();
        insert(&mut *rolled_back, "k", "never").await;
        pass(&schema, &mut relay, first).await;
        relay.make_room().await;
        pass(&schema, &mut relay, first + 10).await;
        insert(&mut *long, "account", "second").await;
        long.commit().await.unwrap();
        rolled_back.rollback().await.unwrap();
        // It had waited for the row, and comes after.
        let mut successor = schema.pool.begin().await.unwrap();
        sql(&mut *successor, "UPDATE account SET n = n + 1").await;
        insert(&mut *successor, "account", "third").await;
        successor.commit().await.unwrap();
        if restart {
            // A new owner knows of it what is stored.
            relay.store.release(&relay.lease).await.unwrap();
            relay = schema.relay().await;
        }
        // In pages, and again after a crash in the middle.
        let page = relay.read(1).await.unwrap();
        assert_eq!(payloads(&page.records), ["first"]);
        relay.settle().await.unwrap();
        relay.reload().await;
        let page = relay.read(1).await.unwrap();
        assert_eq!(payloads(&page.records), ["second"]);
        assert_eq!(payloads(&relay.read(5).await.unwrap().records), ["third"]);
        relay.settle().await.unwrap();
        insert(&schema.pool, "k", "last").await;
        assert_eq!(relay.deliver().await, ["last"]);
        // What it held back follows.
        let start = Instant::now();
        while relay.floor().await < first + 10 {
            assert!(start.elapsed() < PATIENCE, "the floor stays");
            insert(&schema.pool, "k", "short").await;
            relay.deliver().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        schema.drop().await;
    }
}

/// Rows that reads of the log have looked at so far, and how often it was read, by the server's own count.
async fn looked_at(pool: &PgPool) -> (i64, i64) {
    sqlx::query_as(
        "SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint,
                coalesce(sum(seq_scan + coalesce(idx_scan, 0)), 0)::bigint
         FROM pg_stat_user_tables WHERE schemaname = current_schema() AND relname LIKE 'outbox_log%'",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

/// The rows that `reads` reads look at.
async fn rows_of_reads(schema: &Schema, relay: &mut Relay, reads: i64) -> i64 {
    let start = Instant::now();
    let mut before = looked_at(&schema.pool).await;
    loop {
        // Backends report now and then: until what came before is in.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        relay.read(1_000).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = looked_at(&schema.pool).await;
        if before.0 == now.0 {
            break;
        }
        before = now;
        assert!(start.elapsed() < PATIENCE, "the server's counts do not come to rest");
    }
    let from = looked_at(&schema.pool).await;
    for _ in 0..reads {
        assert!(relay.read(1_000).await.unwrap().records.is_empty());
    }
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    loop {
        relay.read(1_000).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = looked_at(&schema.pool).await;
        if now.1 >= from.1 + reads {
            return now.0 - from.0;
        }
        assert!(start.elapsed() < PATIENCE, "{reads} reads are not counted: {from:?}, {now:?}");
    }
}

/// Beside a transaction that is open with an event of its own, a read looks at new rows only, however many have been
/// delivered since.
#[tokio::test(flavor = "multi_thread")]
async fn r7_reads_stay_flat_beside_a_long_writer() {
    const EVENTS: i64 = 5_000;
    let schema = Schema::new().await;
    // One connection, so that one backend counts.
    let one =
        sqlx::postgres::PgPoolOptions::new().max_connections(1).connect_with(schema.options.clone()).await.unwrap();
    let store = outbox_runtime::store::PostgresStore::new(one.clone());
    let mut relay = Relay::with(store, schema.pool.clone()).await.unwrap();
    let mut long = schema.pool.begin().await.unwrap();
    let position = insert(&mut *long, "k", "long").await;
    sqlx::query("INSERT INTO outbox_log (id, topic, headers, payload) SELECT gen_random_uuid(), 't', '', 'x' FROM generate_series(1, $1)")
        .bind(EVENTS)
        .execute(&schema.pool)
        .await
        .unwrap();
    while relay.read(1_000).await.unwrap().more {}
    relay.settle().await.unwrap();
    pass(&schema, &mut relay, position + EVENTS).await;
    let looked_at = rows_of_reads(&schema, &mut relay, 20).await;
    println!("20 reads beside a long writer looked at {looked_at} rows of {EVENTS} delivered since");
    assert!(looked_at < EVENTS, "20 reads, less than each row once");
    long.commit().await.unwrap();
    assert_eq!(relay.deliver().await, ["long"]);
    schema.drop().await;
}
