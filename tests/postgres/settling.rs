//! Rules of lease and settle: S1, S2, R6, the fence, parked rows.

use std::time::Duration;

use outbox_runtime::store::{
    Acquired, Lease, ParkedRecord, ParkedState, PostgresStore, Settle, Store, StoreError, StoredRecord,
};
use sqlx::postgres::PgPoolOptions;
use uuid::Uuid;

use crate::support::{LEASE, Relay, Schema, insert, sql};

/// Notes `synchronous_commit` at every update of the cursor.
const SPY: &str = "CREATE TABLE spy (setting text);
    CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN INSERT INTO spy VALUES (current_setting('synchronous_commit')); RETURN NEW; END$$;
    CREATE TRIGGER spy BEFORE UPDATE ON outbox_cursor FOR EACH ROW EXECUTE FUNCTION spy()";

async fn spied(schema: &Schema) -> Vec<String> {
    sqlx::query_scalar("DELETE FROM spy RETURNING setting").fetch_all(&schema.pool).await.unwrap()
}

fn parked(position: i64, state: ParkedState) -> ParkedRecord {
    let record = StoredRecord {
        position,
        id: Uuid::now_v7(),
        topic: "t".into(),
        key: (position % 2 == 0).then(|| b"key".to_vec()),
        headers: vec![1, 2],
        payload: (position % 3 == 0).then(|| b"payload".to_vec()),
    };
    ParkedRecord { record, state, cause: format!("cause {position}") }
}

/// Parks three, changes one, unparks two, and looks.
pub(crate) async fn park_and_unpark(relay: &Relay) {
    let rows: Vec<_> = [(7, ParkedState::Failed), (8, ParkedState::Auto), (9, ParkedState::Auto)]
        .map(|(position, state)| parked(position, state))
        .into();
    let settle = |park, unpark| Settle { cursor: None, park, unpark };
    relay.store.settle(&relay.lease, settle(rows.clone(), vec![])).await.unwrap();
    let loaded = relay.store.load(&relay.lease).await.unwrap();
    assert_eq!(loaded.parked, rows);
    assert_eq!(loaded.cursor, relay.cursor, "without a cursor the stored one stays");

    let failed = ParkedRecord { state: ParkedState::Failed, cause: "again".into(), ..rows[1].clone() };
    relay.store.settle(&relay.lease, settle(vec![failed.clone()], vec![7, 9])).await.unwrap();
    assert_eq!(relay.store.load(&relay.lease).await.unwrap().parked, [failed]);
    relay.store.settle(&relay.lease, settle(vec![], vec![8])).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn settle_moves_cursor_and_parked_rows_together() {
    let schema = Schema::new().await;
    let mut relay = schema.relay().await;
    insert(&schema.pool, "k", "1").await;
    let page = relay.read(10).await.unwrap();
    let park = vec![ParkedRecord { record: page.records[0].clone(), state: ParkedState::Failed, cause: "no".into() }];
    let settle = Settle { cursor: Some(page.end.clone()), park: park.clone(), unpark: vec![] };
    relay.store.settle(&relay.lease, settle).await.unwrap();
    let loaded = relay.store.load(&relay.lease).await.unwrap();
    assert_eq!((loaded.cursor, loaded.parked), (page.end, park));
    relay.store.settle(&relay.lease, Settle { cursor: None, park: vec![], unpark: vec![1] }).await.unwrap();
    relay.reload().await;
    park_and_unpark(&relay).await;
    schema.drop().await;
}

/// S1: asynchronous for the settle's own transaction, and for nobody after it.
#[tokio::test(flavor = "multi_thread")]
async fn s1_settle_is_asynchronous_and_leaks_no_setting() {
    let schema = Schema::new().await;
    let one = PgPoolOptions::new().max_connections(1).connect_with(schema.options.clone()).await.unwrap();
    let relay = Relay::start(one.clone()).await;
    sql(&schema.pool, SPY).await;
    relay.settle().await.unwrap();
    relay.store.settle(&relay.lease, Settle { cursor: None, park: vec![], unpark: vec![1] }).await.unwrap();
    relay.store.renew(&relay.lease, LEASE).await.unwrap();
    relay.store.make_room(&relay.lease).await.unwrap();
    assert_eq!(spied(&schema).await, ["off", "off", "off"]);
    let session: String = sqlx::query_scalar("SHOW synchronous_commit").fetch_one(&one).await.unwrap();
    assert_eq!(session, "on", "the next user of this connection commits as the server says");
    schema.drop().await;
}

/// S2: an epoch that is given out must survive a crash, whatever the database's default.
#[tokio::test(flavor = "multi_thread")]
async fn s2_taking_over_commits_synchronously() {
    let schema = Schema::new().await;
    sql(&schema.pool, SPY).await;
    let options = schema.options.clone().options([("synchronous_commit", "off")]);
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let relay = Relay::start(pool.clone()).await;
    assert_eq!(spied(&schema).await, ["on"]);
    let session: String = sqlx::query_scalar("SHOW synchronous_commit").fetch_one(&pool).await.unwrap();
    assert_eq!(session, "off");
    assert_eq!(relay.lease.epoch, 1);
    schema.drop().await;
}

async fn everything_is_fenced(schema: &Schema, store: &PostgresStore, lease: &Lease, cursor: &crate::support::Cursor) {
    let before = image(schema).await;
    let moved = Settle { cursor: Some(cursor.clone()), park: vec![], unpark: vec![] };
    let with_park = Settle { park: vec![parked(1, ParkedState::Auto)], ..moved.clone() };
    let only_park = Settle { cursor: None, ..with_park.clone() };
    for settle in [moved, with_park, only_park] {
        assert!(matches!(store.settle(lease, settle).await, Err(StoreError::Fenced)));
    }
    assert!(matches!(store.load(lease).await, Err(StoreError::Fenced)));
    assert!(matches!(store.renew(lease, LEASE).await, Err(StoreError::Fenced)));
    assert!(matches!(store.make_room(lease).await, Err(StoreError::Fenced)));
    store.release(lease).await.unwrap();
    assert_eq!(image(schema).await, before, "nothing was written");
}

async fn image(schema: &Schema) -> String {
    sqlx::query_scalar("SELECT outbox_cursor::text || (SELECT count(*) FROM outbox_parked) FROM outbox_cursor")
        .fetch_one(&schema.pool)
        .await
        .unwrap()
}

/// S1, S2: the fence is epoch and owner token; each alone is not enough.
#[tokio::test(flavor = "multi_thread")]
async fn s1_a_stale_owner_writes_nothing() {
    let schema = Schema::new().await;
    let store = schema.store();
    let owner = Uuid::now_v7();
    let Acquired::Taken(first) = store.acquire(owner, LEASE).await.unwrap() else { panic!("the log is free") };
    assert!(matches!(store.acquire(Uuid::now_v7(), LEASE).await.unwrap(), Acquired::Held { remaining }
        if remaining <= LEASE && remaining > LEASE / 2));
    insert(&schema.pool, "k", "1").await;
    let end = store.read(&first, &store.load(&first).await.unwrap().cursor, 10).await.unwrap().end;

    let Acquired::Taken(second) = store.acquire(owner, Duration::ZERO).await.unwrap() else { panic!("it is ours") };
    assert_eq!(second.epoch, first.epoch + 1);
    everything_is_fenced(&schema, &store, &first, &end).await;
    // The lease has ended, so another takes it.
    let Acquired::Taken(third) = store.acquire(Uuid::now_v7(), LEASE).await.unwrap() else { panic!("it has ended") };
    everything_is_fenced(&schema, &store, &second, &end).await;
    everything_is_fenced(&schema, &store, &Lease { owner, ..third }, &end).await;
    everything_is_fenced(&schema, &store, &Lease { epoch: third.epoch + 1, ..third }, &end).await;
    // Given back: free at once.
    store.release(&third).await.unwrap();
    assert!(matches!(store.acquire(owner, LEASE).await.unwrap(), Acquired::Taken(_)));
    schema.drop().await;
}

/// R4: every method notices that the server has lost its memory, or that another relay found so before.
#[tokio::test(flavor = "multi_thread")]
async fn r4_a_changed_incarnation_is_noticed_everywhere() {
    let schema = Schema::new().await;
    let mut relay = schema.relay().await;
    for n in 0..3 {
        insert(&schema.pool, "k", &n.to_string()).await;
    }
    let between = relay.cursor.clone();
    let page = relay.read(2).await.unwrap();
    let before = image(&schema).await;
    for change in ["UPDATE outbox_incarnation SET id = gen_random_uuid()", "DELETE FROM outbox_incarnation"] {
        sql(&schema.pool, change).await;
        let store = &relay.store;
        for cursor in [&between, &page.end] {
            assert!(matches!(store.read(&relay.lease, cursor, 10).await, Err(StoreError::IncarnationChanged)));
        }
        for park in [vec![], vec![parked(1, ParkedState::Auto)]] {
            let settle = Settle { cursor: Some(page.end.clone()), park, unpark: vec![] };
            assert!(matches!(store.settle(&relay.lease, settle).await, Err(StoreError::IncarnationChanged)));
        }
        assert!(matches!(store.load(&relay.lease).await, Err(StoreError::IncarnationChanged)));
        assert!(matches!(store.renew(&relay.lease, LEASE).await, Err(StoreError::IncarnationChanged)));
        assert!(matches!(store.make_room(&relay.lease).await, Err(StoreError::IncarnationChanged)));
    }
    assert_eq!(image(&schema).await, before, "nothing was written");
    schema.drop().await;
}

/// A copy of the schema alone has no cursor: a new one starts an empty log, and never one with records in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_missing_cursor_starts_an_empty_log_only() {
    let schema = Schema::new().await;
    sql(&schema.pool, "DELETE FROM outbox_cursor").await;
    insert(&schema.pool, "k", "1").await;
    let refused = Relay::try_start(schema.pool.clone()).await.err().expect("whose records are these?");
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
    sql(&schema.pool, "DELETE FROM outbox_log").await;
    let mut relay = schema.relay().await;
    insert(&schema.pool, "k", "2").await;
    assert_eq!(relay.deliver().await, ["2"]);
    schema.drop().await;
}

/// R6: a copy of the database elsewhere must not publish its origin's backlog.
#[tokio::test(flavor = "multi_thread")]
async fn r6_another_cluster_is_refused() {
    let schema = Schema::new().await;
    let relay = schema.relay().await;
    relay.store.release(&relay.lease).await.unwrap();
    sql(&schema.pool, "UPDATE outbox_cursor SET system_identifier = system_identifier + 1").await;
    let error = relay.store.acquire(Uuid::now_v7(), LEASE).await.unwrap_err();
    let StoreError::OtherCluster { stored, actual } = error else { panic!("{error}") };
    assert_eq!(stored, actual + 1);
    assert!(!error.is_transient(), "a person has to decide");
    schema.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_table_is_named() {
    let schema = Schema::empty(crate::support::server()).await;
    let error = schema.store().acquire(Uuid::now_v7(), LEASE).await.unwrap_err();
    assert!(matches!(error, StoreError::NotMigrated { .. }), "{error}");
    assert!(error.to_string().contains("outbox::migrate"));
    schema.drop().await;
}
