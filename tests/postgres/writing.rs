//! Rules of the writing side: W1, W2, W3.

use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::support::{Schema, insert, server, sql};

/// W1: with the xid taken first, whoever has a position is known to the low-water mark. Without it: lost.
#[tokio::test(flavor = "multi_thread")]
async fn w1_xid_is_taken_before_position() {
    let schema = Schema::new().await;
    let mut relay = schema.relay().await;
    insert(&schema.pool, "k", "first").await;

    // As the table has it: the row is in flight while others are delivered, and arrives.
    let mut slow = schema.pool.begin().await.unwrap();
    let late = insert(&mut *slow, "k", "slow").await;
    let other = insert(&schema.pool, "k", "other").await;
    assert!(late < other);
    assert_eq!(relay.deliver().await, ["first", "other"]);
    assert!(relay.floor().await < late, "`floor` stays below a position in flight");
    slow.commit().await.unwrap();
    assert_eq!(relay.deliver().await, ["slow"]);

    // Position first, xid later, as a plain `DEFAULT nextval(…)` may have it: `floor` passes the position.
    let mut wrong = schema.pool.begin().await.unwrap();
    let early: i64 =
        sqlx::query_scalar("SELECT nextval('outbox_log_position_seq')").fetch_one(&mut *wrong).await.unwrap();
    insert(&schema.pool, "k", "after").await;
    assert_eq!(relay.deliver_until_floor(early).await, ["after"]);
    sqlx::query("INSERT INTO outbox_log (position, id, topic, headers, payload) VALUES ($1, $2, 't', '', 'lost')")
        .bind(early)
        .bind(Uuid::now_v7())
        .execute(&mut *wrong)
        .await
        .unwrap();
    wrong.commit().await.unwrap();
    assert!(
        relay.deliver().await.is_empty(),
        "without W1 the event is lost, and this test shows why the rule is there"
    );
    schema.drop().await;
}

/// W1: the default of `position` takes the xid by itself, whatever else the insert does.
#[tokio::test(flavor = "multi_thread")]
async fn w1_the_default_of_position_takes_the_xid() {
    let schema = Schema::new().await;
    // Some values are logged ahead now, so that a bare nextval() would need no xid.
    insert(&schema.pool, "k", "warm").await;
    let default: String = sqlx::query_scalar(
        "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
         WHERE d.adrelid = 'outbox_log'::regclass AND a.attname = 'position'",
    )
    .fetch_one(&schema.pool)
    .await
    .unwrap();
    for (expression, takes_xid) in [(default.as_str(), true), ("nextval('outbox_log_position_seq')", false)] {
        let mut tx = schema.pool.begin().await.unwrap();
        sql(&mut *tx, format!("SELECT {expression}")).await;
        let xid: Option<String> =
            sqlx::query_scalar("SELECT pg_current_xact_id_if_assigned()::text").fetch_one(&mut *tx).await.unwrap();
        assert_eq!(xid.is_some(), takes_xid, "{expression}");
    }
    schema.drop().await;
}

/// W2: a `FOR ALL TABLES` publication refuses UPDATE and DELETE on a table without a primary key.
#[tokio::test(flavor = "multi_thread")]
async fn w2_a_publication_for_all_tables_stops_nothing() {
    let name = format!("w2_{}", Uuid::now_v7().simple());
    let mut admin = PgConnection::connect_with(&server()).await.unwrap();
    sql(&mut admin, format!("CREATE DATABASE {name}")).await;
    let schema = Schema::on(server().database(&name)).await;
    sql(&schema.pool, "CREATE TABLE keyless (n int); INSERT INTO keyless VALUES (1)").await;
    sql(&schema.pool, "CREATE PUBLICATION everything FOR ALL TABLES").await;
    let refused = sqlx::query("DELETE FROM keyless").execute(&schema.pool).await;
    assert!(refused.is_err(), "the server refuses a table without a key");

    let mut relay = schema.relay().await;
    insert(&schema.pool, "k", "1").await;
    assert_eq!(relay.deliver().await, ["1"]);
    crate::settling::park_and_unpark(&relay).await;
    assert_eq!(relay.store.make_room(&relay.lease).await.unwrap(), 1);
    drop(relay);
    schema.pool.close().await;
    sql(&mut admin, format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

use outbox_runtime::store::Store;

/// W3: order is commit order for events emitted after the statement that serialises their key, and only for those.
#[tokio::test(flavor = "multi_thread")]
async fn w3_emit_before_the_update_inverts_and_after_it_does_not() {
    let schema = Schema::new().await;
    sql(&schema.pool, "CREATE TABLE account (n int NOT NULL); INSERT INTO account VALUES (0)").await;
    let mut relay = schema.relay().await;
    let update = "UPDATE account SET n = n + 1";

    // The known inversion: `second` emits, then waits for nothing; `first` overtakes it and commits before.
    let mut second = schema.pool.begin().await.unwrap();
    insert(&mut *second, "k", "second").await;
    let mut first = schema.pool.begin().await.unwrap();
    insert(&mut *first, "k", "first").await;
    sql(&mut *first, update).await;
    first.commit().await.unwrap();
    sql(&mut *second, update).await;
    second.commit().await.unwrap();
    assert_eq!(relay.deliver().await, ["second", "first"], "the known inversion");

    // Emitted after the update: whoever commits second has waited for the row, and has the higher position.
    let mut first = schema.pool.begin().await.unwrap();
    sql(&mut *first, update).await;
    let pool = schema.pool.clone();
    let second = tokio::spawn(async move {
        let mut second = pool.begin().await.unwrap();
        sql(&mut *second, update).await;
        insert(&mut *second, "k", "second").await;
        second.commit().await.unwrap();
    });
    insert(&mut *first, "k", "first").await;
    first.commit().await.unwrap();
    second.await.unwrap();
    assert_eq!(relay.deliver().await, ["first", "second"]);
    schema.drop().await;
}
