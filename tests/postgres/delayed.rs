//! Delayed records: their order when the log changes hands in the middle of a move, and what a look costs.

use std::time::{Duration, Instant};

use outbox_runtime::store::{Store, StoreError};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use crate::held_xmin::pages_of;
use crate::support::{PATIENCE, Relay, Schema, sql, store};

/// A4: a former owner's move may still be under way. What it holds is not passed over for what is due behind it.
#[tokio::test(flavor = "multi_thread")]
async fn a4_records_of_a_move_under_way_are_not_overtaken() {
    let schema = Schema::new().await;
    let mut relay = schema.relay().await;
    sql(
        &schema.pool,
        "INSERT INTO outbox_delayed (due, id, topic, key, headers, payload)
         SELECT now() - interval '1 s', gen_random_uuid(), 't', 'k', '', n::text::bytea FROM generate_series(1, 5) n",
    )
    .await;
    let mut former = schema.pool.begin().await.unwrap();
    sql(&mut *former, "SELECT FROM outbox_delayed ORDER BY due, place LIMIT 2 FOR UPDATE").await;

    let held = relay.store.move_due(&relay.lease).await;
    assert!(matches!(held, Err(StoreError::Database(_))), "gives up after a moment: {held:?}");
    assert_eq!(schema.rows().await, 0, "nothing was passed over");

    former.rollback().await.unwrap();
    assert_eq!(relay.store.move_due(&relay.lease).await.unwrap(), 5);
    assert_eq!(relay.deliver().await, ["1", "2", "3", "4", "5"]);
    schema.drop().await;
}

const MOVED: i64 = 200_000;
const LOOKS: i64 = 40;

/// Until all that is due is moved, and for so long after that.
async fn look_for(relay: &Relay, time: Duration) -> u64 {
    let (mut moved, mut since) = (0, Instant::now());
    while since.elapsed() < time {
        match relay.store.move_due(&relay.lease).await.unwrap() {
            0 => tokio::time::sleep(Duration::from_millis(50)).await,
            some => (moved, since) = (moved + some, Instant::now()),
        }
    }
    moved
}

/// Pages that were looked at in the table of delayed records, by all that have told it. A session tells it when it ends a
/// transaction and has not done so for a second.
async fn pages(relay: &Relay, pool: &PgPool) -> i64 {
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    relay.store.move_due(&relay.lease).await.unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    sqlx::query_scalar(
        "SELECT coalesce(sum(heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit), 0)::bigint
         FROM pg_statio_user_tables WHERE relid = 'outbox_delayed'::regclass",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

/// A transaction that is left open keeps the rows of all that was moved: a look does not walk through them. What commits late
/// and was due before them is found all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a7_a_transaction_left_open_makes_no_look_expensive() {
    let schema = Schema::new().await;
    let mut held = schema.pool.begin().await.unwrap();
    sql(&mut *held, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class").await;
    let mut late = schema.pool.begin().await.unwrap();
    let insert = "INSERT INTO outbox_delayed (due, id, topic, headers)
                  SELECT now() - interval '1 h' + n * interval '1 ms', gen_random_uuid(), 't', ''";
    sql(&mut *late, format!("{insert} FROM generate_series(1, 3000) n")).await;
    sql(&schema.pool, format!("{insert} FROM generate_series(1001, {MOVED} + 1000) n")).await;
    // One session does all of the looking.
    let single = PgPoolOptions::new().max_connections(1).connect_with(schema.options.clone()).await.unwrap();
    let relay = Relay::with(store(&single), schema.pool.clone()).await.unwrap();
    assert_eq!(look_for(&relay, Duration::from_secs(5)).await, MOVED as u64);

    let whole = "SELECT due, place FROM outbox_delayed WHERE due <= now() ORDER BY due, place LIMIT 1000";
    let whole = pages_of(&schema.pool, whole).await;
    assert!(whole > 1_000, "the dead rows are there: {whole} pages");
    let before = pages(&relay, &schema.pool).await;
    for _ in 0..LOOKS {
        assert_eq!(relay.store.move_due(&relay.lease).await.unwrap(), 0);
    }
    let all = pages(&relay, &schema.pool).await - before;
    println!("{LOOKS} looks: {all} pages; one from the beginning: {whole}");
    assert!(all < LOOKS / 4 * whole, "{LOOKS} looks at {all} pages, where one from the beginning has {whole}");

    let start = Instant::now();
    late.commit().await.unwrap();
    let mut moved = 0;
    while moved < 3_000 {
        // A look from the beginning comes every five seconds, or, where the machine is slow, within thirty.
        assert!(start.elapsed() < PATIENCE * 3, "{moved} records that were committed late are moved");
        moved += relay.store.move_due(&relay.lease).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!("found after {:?}", start.elapsed());
    held.rollback().await.unwrap();
    single.close().await;
    schema.drop().await;
}
