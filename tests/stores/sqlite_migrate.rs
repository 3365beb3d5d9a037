//! Migrations of SQLite.

use std::future::ready;

use futures_util::future::join_all;
use outbox_runtime::migrate::{MigrateError, check_schema, migrate};
use outbox_runtime::store::{SqliteStore, StoreError};
use sqlx::{AssertSqlSafe, SqlitePool};

use crate::harness::{Harness, Tables, notes};
use crate::relay::{Relay, texts};
use crate::sqlite::Sqlite;

const FIRST: &str = include_str!("../../outbox-runtime/migrations/sqlite/0001_outbox.sql");

async fn sql(sqlite: &Sqlite, text: &str) {
    let done = sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(&sqlite.pool).await;
    done.unwrap_or_else(|error| panic!("{text}: {error}"));
}

async fn applied(sqlite: &Sqlite) -> Vec<(i64, String)> {
    let rows = sqlx::query_as("SELECT version, name FROM outbox_migrations ORDER BY version");
    rows.fetch_all(&sqlite.pool).await.expect("a migrations table")
}

async fn tables(sqlite: &Sqlite) -> Vec<String> {
    sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
        .fetch_all(&sqlite.pool)
        .await
        .expect("a schema")
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_migrate_at_the_same_time_and_again() {
    let sqlite = Sqlite::empty().await;
    let pools = join_all((0..6).map(|_| SqlitePool::connect_with(sqlite.options.clone()))).await;
    let pools: Vec<SqlitePool> = pools.into_iter().map(|pool| pool.expect("a file")).collect();
    for result in join_all(pools.iter().chain(&pools).map(migrate)).await {
        result.expect("all of them succeed");
    }
    assert_eq!(applied(&sqlite).await, [(1, "outbox".to_owned())]);
    join_all(pools.iter().map(SqlitePool::close)).await;
    sqlite.finish().await;
}

/// Another library's migrations table is neither read nor written, and none is made.
#[tokio::test(flavor = "multi_thread")]
async fn t21_sqlx_migrations_are_left_alone() {
    let sqlite = Sqlite::empty().await;
    migrate(&sqlite.pool).await.expect("an empty file");
    assert_eq!(
        tables(&sqlite).await,
        ["outbox_cursor", "outbox_delayed", "outbox_log", "outbox_migrations", "outbox_parked", "outbox_skipped"]
    );
    sqlite.finish().await;
    let sqlite = Sqlite::empty().await;
    sql(&sqlite, "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL)").await;
    sql(&sqlite, "INSERT INTO _sqlx_migrations VALUES (1, 'theirs'), (20260101, 'theirs')").await;
    migrate(&sqlite.pool).await.expect("theirs do not matter");
    let theirs: i64 =
        sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations").fetch_one(&sqlite.pool).await.expect("a count");
    assert_eq!(theirs, 2);
    check_schema(&sqlite.pool).await.expect("ours are there");
    sqlite.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_is_not_touched() {
    let sqlite = Sqlite::new().await;
    sqlite.migrated_by_a_newer_version().await;
    let error = migrate(&sqlite.pool).await.expect_err("a newer version");
    assert!(matches!(error, MigrateError::Newer { found: 9_999, known: 1 }), "{error:?}");
    assert!(error.to_string().contains("update this program"), "{error}");
    let schema = check_schema(&sqlite.pool).await;
    assert!(matches!(schema, Err(StoreError::NewerSchema { found: 9_999, known: 1 })), "{schema:?}");
    sqlite.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_is_noticed() {
    let sqlite = Sqlite::new().await;
    sql(&sqlite, "UPDATE outbox_migrations SET checksum = '00000000deadbeef'").await;
    let error = migrate(&sqlite.pool).await.expect_err("another text");
    assert!(matches!(&error, MigrateError::Changed { version: 1, stored, .. } if stored == "00000000deadbeef"));
    assert!(error.to_string().contains("migration 1 (outbox)"), "{error}");
    sqlite.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_made_by_hand_work_and_are_adopted() {
    let sqlite = Sqlite::empty().await;
    sql(&sqlite, FIRST).await;
    check_schema(&sqlite.pool).await.expect("all tables are there");
    sqlite.append(notes(0..1)).await;
    migrate(&sqlite.pool).await.expect("recorded as they are");
    assert_eq!(applied(&sqlite).await, [(1, "outbox".to_owned())]);
    assert_eq!(texts(&Relay::start(&sqlite).await.read_all(1, 10).await), ["0"], "what was there stays");
    sqlite.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_of_the_tables_need_a_person() {
    let sqlite = Sqlite::empty().await;
    sql(&sqlite, "CREATE TABLE outbox_log (position INTEGER PRIMARY KEY)").await;
    let error = migrate(&sqlite.pool).await.expect_err("whose table is this?");
    assert!(matches!(error, MigrateError::Incomplete { found: "outbox_log", missing: "outbox_cursor" }), "{error:?}");
    assert!(error.to_string().contains("0001_outbox.sql"), "{error}");
    assert_eq!(tables(&sqlite).await, ["outbox_log"], "nothing was changed");
    sqlite.finish().await;
}

/// Dropped at its first await, it goes on; the next call waits for it and finds it done, or does it.
#[tokio::test(flavor = "multi_thread")]
async fn t1_a_dropped_migration_leaves_no_transaction_open() {
    let sqlite = Sqlite::empty().await;
    for _ in 0..20 {
        tokio::select! {
            biased;
            result = migrate(&sqlite.pool) => result.expect("an empty file"),
            () = ready(()) => {}
        }
    }
    migrate(&sqlite.pool).await.expect("nothing is in the way");
    assert_eq!(applied(&sqlite).await, [(1, "outbox".to_owned())]);
    let relay: Relay<SqliteStore> = Relay::start(&sqlite).await;
    assert_eq!(relay.lease.epoch, 1);
    sqlite.finish().await;
}
