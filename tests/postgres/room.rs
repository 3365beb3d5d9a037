//! Making room: M1 and M4.

use outbox_runtime::store::Store;

use crate::support::{Schema, insert, sql};

async fn rows(schema: &Schema) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM outbox_log").fetch_one(&schema.pool).await.unwrap()
}

/// M1: a late row lies below positions settled long ago; it goes after it was delivered, never before.
#[tokio::test(flavor = "multi_thread")]
async fn m1_a_late_row_is_delivered_before_it_goes() {
    let schema = Schema::new().await;
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
    assert_eq!(relay.store.make_room(&relay.lease).await.unwrap(), 1);
    assert_eq!(relay.store.make_room(&relay.lease).await.unwrap(), 0);
    assert_eq!(rows(&schema).await, 1);
    assert_eq!(relay.deliver().await, ["late"]);
    assert_eq!(relay.store.make_room(&relay.lease).await.unwrap(), 1);
    assert_eq!(rows(&schema).await, 0);
    schema.drop().await;
}

/// M1: what was read but is not settled stays, also in a window that is settled in part.
#[tokio::test(flavor = "multi_thread")]
async fn m1_only_what_is_settled_goes() {
    let schema = Schema::new().await;
    let mut relay = schema.relay().await;
    for n in 0..10 {
        insert(&schema.pool, "k", &n.to_string()).await;
    }
    relay.read(4).await.unwrap();
    relay.read(100).await.unwrap();
    assert_eq!(relay.store.make_room(&relay.lease).await.unwrap(), 0, "read, but not settled");
    relay.settle().await.unwrap();
    assert_eq!(relay.store.make_room(&relay.lease).await.unwrap(), 10);
    schema.drop().await;
}

/// M4: chunk after chunk until nothing is left, with new rows coming in.
#[tokio::test(flavor = "multi_thread")]
async fn m4_chunks_are_bounded_and_leave_nothing() {
    let schema = Schema::new().await;
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
        match relay.store.make_room(&relay.lease).await.unwrap() {
            0 => break,
            chunk => chunks.push(chunk),
        }
    }
    assert_eq!(chunks, [5_000, 5_000, 2_000]);
    assert_eq!(rows(&schema).await, 4, "what came in between is unread, and stays");
    assert_eq!(relay.deliver_until_low(12_004).await.len(), 4);
    assert_eq!(relay.store.make_room(&relay.lease).await.unwrap(), 4);
    schema.drop().await;
}
