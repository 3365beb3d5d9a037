//! Delayed records: their order when the log changes hands in the middle of a move.

use outbox_runtime::store::{Store, StoreError};

use crate::support::{Schema, sql};

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

/// A4: what was due long ago may be committed late. What was emitted behind it, under the lock of its key, comes behind it,
/// however much of others was moved meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a4_what_is_committed_late_is_not_overtaken() {
    let schema = Schema::new().await;
    let mut relay = schema.relay().await;
    let insert = |age: &str, n: i32| {
        format!(
            "INSERT INTO outbox_delayed (due, id, topic, key, headers, payload)
             VALUES (now() - interval '{age}', gen_random_uuid(), 't', 'k', '', '{n}')"
        )
    };
    let mut late = schema.pool.begin().await.unwrap();
    sql(&mut *late, insert("1 h", 1000)).await;
    for n in 0..50 {
        sql(&schema.pool, insert("0 s", n)).await;
        assert_eq!(relay.store.move_due(&relay.lease).await.unwrap(), 1);
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    late.commit().await.unwrap();
    sql(&schema.pool, insert("0 s", 1001)).await;
    assert_eq!(relay.store.move_due(&relay.lease).await.unwrap(), 2);
    assert_eq!(relay.deliver().await[50..], ["1000", "1001"]);
    schema.drop().await;
}
