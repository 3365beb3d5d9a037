//! Making room: M1 in both layouts, M4.

use std::time::Instant;

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
