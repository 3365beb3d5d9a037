//! What is special about SQLite: its positions, its locks, its hint, and values that somebody else wrote.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use outbox_runtime::store::{ParkedRecord, ParkedState, Settle, Store, StoreError};
use outbox_runtime::transaction::Database as _;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use uuid::Uuid;

use crate::harness::{Harness, note, notes};
use crate::relay::{LEASE, PATIENCE, Relay, numbers, taken, texts};
use crate::sqlite::Sqlite;

async fn sql(sqlite: &Sqlite, text: &str) {
    let done = sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(&sqlite.pool).await;
    done.unwrap_or_else(|error| panic!("{text}: {error}"));
}

/// Delivers two records, drains the log, vacuums, appends one more; its position.
async fn position_after_drain(sqlite: &Sqlite) -> i64 {
    sqlite.append(notes(0..2)).await;
    let mut relay = Relay::start(sqlite).await;
    assert_eq!(relay.read_all(2, 10).await.len(), 2);
    relay.settle().await;
    relay.make_room().await;
    sql(sqlite, "VACUUM").await;
    sqlite.append(notes(2..3)).await;
    relay.store.release(&relay.lease).await.expect("the store answers");
    sqlx::query_scalar("SELECT position FROM outbox_log").fetch_one(&sqlite.pool).await.expect("one record")
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_are_not_reused_after_drain_and_vacuum() {
    let sqlite = Sqlite::new().await;
    assert_eq!(position_after_drain(&sqlite).await, 3);
    assert_eq!(texts(&Relay::start(&sqlite).await.read_all(1, 10).await), numbers(2..3));
    sqlite.finish().await;
}

/// The control: this is what AUTOINCREMENT is for.
#[tokio::test(flavor = "multi_thread")]
async fn without_autoincrement_a_record_is_lost() {
    let sqlite = Sqlite::new().await;
    sql(
        &sqlite,
        "DROP TABLE outbox_log;
         CREATE TABLE outbox_log (position INTEGER PRIMARY KEY, id BLOB NOT NULL, topic TEXT NOT NULL, key BLOB,
                                  headers BLOB NOT NULL, payload BLOB) STRICT",
    )
    .await;
    assert_eq!(position_after_drain(&sqlite).await, 1, "the position comes again");
    assert!(Relay::start(&sqlite).await.read(10).await.records.is_empty(), "the cursor is past it");
    sqlite.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn vacuum_does_not_renumber() {
    let sqlite = Sqlite::new().await;
    sqlite.append(notes(0..6)).await;
    let mut relay = Relay::start(&sqlite).await;
    let page = relay.read(3).await;
    relay.settle().await;
    relay.make_room().await;
    sql(&sqlite, "VACUUM").await;
    let rest = relay.read_all(3, 10).await;
    assert_eq!(texts(&rest), numbers(3..6));
    assert_eq!(rest[0].position, page.records[2].position + 1);
    sqlite.finish().await;
}

/// A writer holds the lock while the relay wants to write: it waits, and does not fail at once.
#[tokio::test(flavor = "multi_thread")]
async fn t20_settling_waits_for_a_writer() {
    let sqlite = Sqlite::new().await;
    sqlite.append(notes(0..2)).await;
    let mut relay = Relay::start(&sqlite).await;
    relay.read(2).await;
    let mut writer = sqlite.pool.begin_with("BEGIN IMMEDIATE").await.expect("the lock");
    sqlx::Sqlite::insert(&mut writer, &[note("late")]).await.expect("an insert");
    let store = sqlite.store();
    let mut work = pin!(async {
        relay.settle().await;
        relay.store.renew(&relay.lease, LEASE).await.expect("ours");
        store.acquire(relay.lease.owner, LEASE).await.expect("waits as well")
    });
    let early = tokio::time::timeout(Duration::from_millis(200), &mut work).await;
    assert!(early.is_err(), "the writer has the lock");
    writer.commit().await.expect("a commit");
    tokio::time::timeout(PATIENCE, work).await.expect("the lock is free");
    sqlite.finish().await;
}

/// The control for T20: a transaction that reads first and then writes gets no chance to wait.
#[tokio::test(flavor = "multi_thread")]
async fn t20_a_deferred_transaction_fails_at_once() {
    let sqlite = Sqlite::new().await;
    let mut deferred = sqlite.pool.begin().await.expect("a transaction");
    sqlx::query("SELECT position FROM outbox_cursor").fetch_one(&mut *deferred).await.expect("a read");
    sqlite.append(notes(0..1)).await;
    let upgrade = sqlx::query("UPDATE outbox_cursor SET position = 1").execute(&mut *deferred).await;
    let error = upgrade.expect_err("the snapshot is old");
    assert!(error.to_string().contains("locked"), "{error}");
    drop(deferred);
    sqlite.finish().await;
}

/// Settles and loads dropped at every point leave no transaction behind, and are done wholly or not at all.
#[tokio::test(flavor = "multi_thread")]
async fn t1_dropped_settles_leave_no_transaction_open() {
    let sqlite = Sqlite::new().await;
    sqlite.append(notes(0..100)).await;
    let mut relay = Relay::start(&sqlite).await;
    let page = relay.read(100).await;
    for (dropped_after, record) in page.records.iter().enumerate() {
        let park = vec![ParkedRecord { record: record.clone(), state: ParkedState::Auto, cause: "test".into() }];
        let settle = Settle { cursor: Some(record.position), park, unpark: vec![] };
        poll_times(relay.store.settle(&relay.lease, settle), dropped_after % 4).await;
        poll_times(relay.store.load(&relay.lease), dropped_after % 4).await;
    }
    // Those that still go on by themselves are fenced from here on.
    relay.lease = taken(&relay.store, relay.lease.owner, LEASE).await;
    let loaded = relay.store.load(&relay.lease).await.expect("ours");
    let parked: Vec<i64> = loaded.parked.iter().map(|row| row.record.position).collect();
    assert!(!parked.is_empty(), "some were polled often enough to go on");
    assert!(parked.contains(&loaded.cursor), "cursor {} without its row: {parked:?}", loaded.cursor);
    relay.settle().await;
    // Every connection of the pool is free for autocommit writes that another connection sees.
    let size = sqlite.pool.size();
    let mut connections = Vec::new();
    for number in 0..size {
        let mut connection = sqlite.pool.acquire().await.expect("a connection");
        sqlx::Sqlite::insert(&mut connection, &[note(number)]).await.expect("no transaction is in the way");
        connections.push(connection);
    }
    let mut other = sqlite.options.connect().await.expect("a connection");
    let seen: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox_log").fetch_one(&mut other).await.expect("a count");
    assert_eq!(seen, 100 + i64::from(size));
    other.close().await.expect("closes");
    drop(connections);
    sqlite.finish().await;
}

/// A settle that was begun is done, also when its caller is dropped right away.
#[tokio::test(flavor = "multi_thread")]
async fn t1_a_dropped_settle_goes_on() {
    let sqlite = Sqlite::new().await;
    let relay = Relay::start(&sqlite).await;
    poll_times(relay.store.settle(&relay.lease, Settle { cursor: Some(7), park: vec![], unpark: vec![] }), 1).await;
    let done = async { while relay.store.load(&relay.lease).await.expect("ours").cursor != 7 {} };
    tokio::time::timeout(PATIENCE, done).await.expect("the settle goes on");
    sqlite.finish().await;
}

async fn poll_times(future: impl Future, times: usize) {
    let mut future = pin!(future);
    for _ in 0..times {
        if poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// A settle that fails in its last statement has written nothing of the ones before.
#[tokio::test(flavor = "multi_thread")]
async fn a_settle_that_fails_writes_nothing() {
    let sqlite = Sqlite::new().await;
    sqlite.append(notes(0..2)).await;
    let mut relay = Relay::start(&sqlite).await;
    let page = relay.read(2).await;
    let row =
        |at: usize| ParkedRecord { record: page.records[at].clone(), state: ParkedState::Auto, cause: "test".into() };
    relay.try_settle(Some(1), vec![row(0)], vec![]).await.expect("ours");
    sql(&sqlite, "CREATE TRIGGER no BEFORE DELETE ON outbox_parked BEGIN SELECT RAISE(ABORT, 'full'); END").await;
    let failed = relay.try_settle(Some(2), vec![row(1)], vec![1]).await;
    assert!(matches!(&failed, Err(StoreError::Database(_))), "{failed:?}");
    let loaded = relay.store.load(&relay.lease).await.expect("ours");
    assert_eq!((loaded.cursor, loaded.parked), (1, vec![row(0)]));
    sql(&sqlite, "DROP TRIGGER no").await;
    relay.try_settle(Some(2), vec![row(1)], vec![1]).await.expect("the connection is of use");
    sqlite.finish().await;
}

/// A connection that SQLite rolled back behind sqlx's back is not used for a settle.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_rolled_back_by_sqlite_is_replaced() {
    let sqlite = Sqlite::new().await;
    let one = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let pool = one.connect_with(sqlite.options.clone()).await.expect("a file");
    let mut tx = pool.begin().await.expect("a transaction");
    sqlx::raw_sql("INSERT OR ROLLBACK INTO outbox_cursor (one) VALUES (1)")
        .execute(&mut *tx)
        .await
        .expect_err("one row");
    drop(tx);
    let store = outbox_runtime::store::SqliteStore::new(pool.clone());
    let lease = taken(&store, Uuid::now_v7(), LEASE).await;
    store.settle(&lease, Settle { cursor: Some(7), park: vec![], unpark: vec![] }).await.expect("settles");
    assert_eq!(store.load(&lease).await.expect("ours").cursor, 7);
    pool.close().await;
    sqlite.finish().await;
}

/// A commit of this process is told without the file being asked: nothing was committed here at all.
#[tokio::test(flavor = "multi_thread")]
async fn the_wake_up_of_this_process_ends_the_wait() {
    let sqlite = Sqlite::new().await;
    let mut relay = Relay::start(&sqlite).await;
    relay.read(1).await;
    outbox_runtime::wake::notify();
    tokio::time::timeout(PATIENCE, relay.store.wait()).await.expect("noticed");
    sqlite.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_values_are_named() {
    let sqlite = Sqlite::new().await;
    sql(&sqlite, "INSERT INTO outbox_log (id, topic, headers) VALUES (x'0102', 't', x'')").await;
    let relay = Relay::start(&sqlite).await;
    let error = relay.store.read(&relay.lease, &0, 10).await.expect_err("an id has 16 bytes");
    assert!(matches!(&error, StoreError::Damaged { what } if what.contains("id") || what.contains('1')), "{error}");
    assert!(!error.is_transient());
    sql(&sqlite, "DELETE FROM outbox_cursor").await;
    let error = relay.store.acquire(Uuid::now_v7(), LEASE).await.expect_err("no cursor");
    assert!(error.to_string().contains("outbox_cursor has no row"), "{error}");
    sqlite.finish().await;
}
