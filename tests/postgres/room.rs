//! Making room: M1 in both layouts, M4, slots of any size, and a ring that cannot go on.

use std::time::Instant;

use outbox_runtime::store::Store;

use crate::cluster::Cluster;
use crate::support::{PATIENCE, Relay, Schema, insert, sql};

/// M1: a late row lies below positions settled long ago; it goes after it was delivered, never before.
#[tokio::test(flavor = "multi_thread")]
async fn m1_a_late_row_is_delivered_before_it_goes() {
    late_row(Schema::new().await, [0, 2]).await;
    late_row(Schema::plain().await, [1, 1]).await;
}

/// What goes while the late row is unread, and after that: a slot goes as one.
async fn late_row(schema: Schema, goes: [u64; 2]) {
    let mut relay = schema.relay().await;
    let mut long = schema.pool.begin().await.unwrap();
    let late = insert(&mut *long, "k", "late").await;
    let other = insert(&schema.pool, "k", "other").await;
    assert!(late < other);
    assert_eq!(relay.deliver().await, ["other"]);
    long.commit().await.unwrap();

    let settled_position: i64 =
        sqlx::query_scalar("SELECT high FROM outbox_cursor").fetch_one(&schema.pool).await.unwrap();
    let by_position: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox_log WHERE position <= $1")
        .bind(settled_position)
        .fetch_one(&schema.pool)
        .await
        .unwrap();
    assert_eq!(by_position, 2, "by position alone the late row would go unread");
    assert_eq!([relay.make_room().await, relay.make_room().await], [goes[0], 0]);
    assert_eq!(schema.rows().await, 2 - goes[0] as i64);
    assert_eq!(relay.deliver().await, ["late"]);
    goes_at_last(&relay, goes[1]).await;
    assert_eq!(schema.rows().await, 0);
    schema.drop().await;
}

/// A slot that could not be had is tried again a little later.
async fn goes_at_last(relay: &Relay, rows: u64) {
    let start = Instant::now();
    loop {
        match relay.make_room().await {
            0 => assert!(start.elapsed() < PATIENCE, "the rows stay"),
            gone => return assert_eq!(gone, rows),
        }
    }
}

/// M1: what was read but is not settled stays, also in a window that is settled in part.
#[tokio::test(flavor = "multi_thread")]
async fn m1_only_what_is_settled_goes() {
    only_settled(Schema::new().await).await;
    only_settled(Schema::plain().await).await;
}

async fn only_settled(schema: Schema) {
    let mut relay = schema.relay().await;
    for n in 0..10 {
        insert(&schema.pool, "k", &n.to_string()).await;
    }
    relay.read(4).await.unwrap();
    relay.read(100).await.unwrap();
    assert_eq!(relay.make_room().await, 0, "read, but not settled");
    relay.settle().await.unwrap();
    assert_eq!(relay.make_room().await, 10);
    schema.drop().await;
}

/// M4: chunk after chunk until nothing is left, with new rows coming in.
#[tokio::test(flavor = "multi_thread")]
async fn m4_chunks_are_bounded_and_leave_nothing() {
    let schema = Schema::plain().await;
    let mut relay = schema.relay().await;
    sql(
        &schema.pool,
        "INSERT INTO outbox_log (id, topic, headers) SELECT gen_random_uuid(), 't', '' FROM generate_series(1, 12000)",
    )
    .await;
    while relay.read(5_000).await.unwrap().more {}
    relay.settle().await.unwrap();
    let mut chunks = vec![];
    loop {
        insert(&schema.pool, "k", "unread").await;
        match relay.make_room().await {
            0 => break,
            chunk => chunks.push(chunk),
        }
    }
    assert_eq!(chunks, [5_000, 5_000, 2_000]);
    assert_eq!(schema.rows().await, 4, "what came in between is unread, and stays");
    assert_eq!(relay.deliver_until_floor(12_004).await.len(), 4);
    assert_eq!(relay.make_room().await, 4);
    schema.drop().await;
}

/// A slot that is larger than what is looked at under a lock goes all the same, also while a long writer holds the floor back.
#[tokio::test(flavor = "multi_thread")]
async fn m1_a_slot_that_has_become_large_goes_once_it_is_quiet() {
    let cluster = Cluster::start("fsync = off\nwal_level = minimal\nmax_wal_senders = 0\nmax_wal_size = 2GB");
    let schema = Schema::on(cluster.options()).await;
    let mut relay = schema.relay().await;
    let mut long = schema.pool.begin().await.unwrap();
    sql(&mut *long, "SELECT pg_current_xact_id()").await;
    sql(&schema.pool, "ALTER TABLE outbox_log_0 ALTER payload SET STORAGE EXTERNAL").await;
    let large = "INSERT INTO outbox_log (id, topic, headers, payload)
                 SELECT gen_random_uuid(), 't', '', convert_to(repeat('x', 10000000), 'UTF8') FROM generate_series(1, 27)";
    sql(&schema.pool, large).await;
    let mut read = 0;
    while read < 27 {
        read += relay.read(100).await.unwrap().records.len();
    }
    relay.read(100).await.unwrap();
    relay.settle().await.unwrap();
    let start = Instant::now();
    while start.elapsed().as_secs() < 1 {
        assert_eq!(relay.make_room().await, 0, "the floor is below it, and it is too large");
    }
    sql(&schema.pool, "UPDATE outbox_slot SET filled_at = filled_at - interval '1 min' WHERE slot = 0").await;
    goes_at_last(&relay, 27).await;
    assert_eq!(relay.floor().await, 0, "the long writer holds it back");
    long.rollback().await.unwrap();
}

/// A disk that is full, a right that is missing: rows cannot go on to another slot, and room is what helps.
#[tokio::test(flavor = "multi_thread")]
async fn m2_room_is_made_also_where_the_ring_cannot_go_on() {
    let schema = Schema::new().await;
    let mut relay = schema.relay().await;
    insert(&schema.pool, "k", "0").await;
    relay.deliver().await;
    let mut reader = schema.pool.begin().await.unwrap();
    sql(&mut *reader, "SELECT FROM outbox_log_0").await;
    assert_eq!(relay.make_room().await, 0, "rows go on, and the slot that they have left cannot be had");
    insert(&schema.pool, "k", "1").await;
    relay.deliver().await;
    sql(
        &schema.pool,
        "CREATE FUNCTION no_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE disk_full; END $$;
         CREATE TRIGGER no_disk BEFORE INSERT OR UPDATE ON outbox_slot FOR EACH ROW EXECUTE FUNCTION no_disk()",
    )
    .await;
    reader.rollback().await.unwrap();
    let said = relay.store.make_room(&relay.lease).await;
    let is_said = said.as_ref().is_err_and(|error| error.to_string().contains("disk_full"));
    assert!(is_said, "that rows cannot go on: {said:?}");
    let start = Instant::now();
    while schema.rows().await > 1 {
        assert!(start.elapsed() < PATIENCE, "the slot that rows have left is not emptied");
        // The slot that could not be had is tried again a little later.
        let _ = relay.store.make_room(&relay.lease).await;
    }
    schema.drop().await;
}
