//! The PostgreSQL store under the suite, and its migrations: a schema of its own for every test.

use futures_util::future::join_all;
use outbox_runtime::Record;
use outbox_runtime::migrate::{MigrateError, check_schema, migrate};
use outbox_runtime::store::{ParkedRecord, ParkedState, PostgresStore, Store as _, StoredRecord};
use outbox_runtime::transaction::Database as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use uuid::Uuid;

use crate::conformance::{conformance, conformance_of_tables};
use crate::harness::{Harness, Tables, notes};
use crate::relay::{PATIENCE, Relay, texts};

const FIRST: &str = include_str!("../../outbox-runtime/migrations/postgres/0001_outbox.sql");

pub(crate) struct Postgres {
    pool: PgPool,
    server: PgConnectOptions,
    pub(crate) schema: String,
}

conformance!(Postgres);
conformance_of_tables!(Postgres);

impl Postgres {
    pub(crate) fn server() -> PgConnectOptions {
        let url = std::env::var("DATABASE_URL").expect("DATABASE_URL is not set: run `cargo xtask test`");
        url.parse().expect("DATABASE_URL is a postgres:// URL")
    }

    async fn sql(&self, text: &str) {
        let done = sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(&self.pool).await;
        done.unwrap_or_else(|error| panic!("{text}: {error}"));
    }

    async fn applied(&self) -> Vec<(i64, String)> {
        let rows = sqlx::query_as("SELECT version, name FROM outbox_migrations ORDER BY version");
        rows.fetch_all(&self.pool).await.expect("a migrations table")
    }

    /// A pool with another search path.
    pub(crate) async fn pool(&self, search_path: &str) -> PgPool {
        let options = self.server.clone().options([("search_path", search_path)]);
        PgPoolOptions::new().max_connections(4).connect_with(options).await.expect("the server answers")
    }
}

impl Harness for Postgres {
    type Store = PostgresStore;

    async fn new() -> Self {
        let postgres = Self::empty().await;
        migrate(&postgres.pool).await.expect("an empty schema can be migrated");
        postgres
    }

    fn store(&self) -> PostgresStore {
        PostgresStore::new(self.pool.clone())
    }

    async fn append(&self, records: Vec<Record>) {
        let mut tx = self.pool.begin().await.expect("a transaction");
        sqlx::Postgres::insert(&mut tx, &records).await.expect("an insert");
        tx.commit().await.expect("a commit");
    }

    async fn rows(&self) -> usize {
        let rows: i64 =
            sqlx::query_scalar("SELECT count(*) FROM outbox_log").fetch_one(&self.pool).await.expect("a count");
        usize::try_from(rows).expect("a count")
    }

    async fn skipped(&self) -> Vec<i64> {
        let positions = sqlx::query_scalar("SELECT position FROM outbox_skipped ORDER BY position");
        positions.fetch_all(&self.pool).await.expect("an audit")
    }

    async fn finish(self) {
        self.sql(&format!("DROP SCHEMA {} CASCADE", self.schema)).await;
        self.pool.close().await;
    }
}

impl Tables for Postgres {
    async fn empty() -> Self {
        let schema = format!("stores_{}", Uuid::now_v7().simple());
        let server = Self::server();
        let mut connection = PgConnection::connect_with(&server).await.expect("the server of DATABASE_URL answers");
        let create = sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&mut connection).await;
        create.expect("a schema");
        connection.close().await.expect("closes");
        let options = server.clone().options([("search_path", schema.as_str())]);
        let pool = PgPoolOptions::new().max_connections(10).connect_with(options).await.expect("the server answers");
        Self { pool, server, schema }
    }

    async fn migrated_by_a_newer_version(&self) {
        self.sql("INSERT INTO outbox_migrations (version, name) VALUES (9999, 'future')").await;
    }
}

/// Also where the database's default is an isolation level whose snapshot is older than the lock.
#[tokio::test(flavor = "multi_thread")]
async fn processes_migrate_at_the_same_time_and_again() {
    let postgres = Postgres::empty().await;
    let strict = postgres
        .server
        .clone()
        .options([("search_path", postgres.schema.as_str()), ("default_transaction_isolation", "serializable")]);
    let pool = PgPoolOptions::new().max_connections(8).connect_with(strict).await.expect("the server answers");
    for result in join_all((0..8).map(|_| migrate(&pool))).await {
        result.expect("all of them succeed");
    }
    assert_eq!(postgres.applied().await, [(1, "outbox".to_owned())]);
    pool.close().await;
    postgres.finish().await;
}

/// Another log further down the search path is not taken for ours, and not looked at for its version.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_made_in_the_current_schema() {
    let (ours, theirs) = (Postgres::empty().await, Postgres::new().await);
    theirs.append(notes(0..1)).await;
    theirs.migrated_by_a_newer_version().await;
    let both = ours.pool(&format!("{},{}", ours.schema, theirs.schema)).await;
    migrate(&both).await.expect("the current schema is empty");
    assert_eq!(ours.applied().await, [(1, "outbox".to_owned())]);
    assert_eq!((ours.rows().await, theirs.rows().await), (0, 1));
    check_schema(&both).await.expect("ours is not newer");
    both.close().await;
    ours.finish().await;
    // By hand: no migrations table of its own, and theirs does not count.
    let ours = Postgres::empty().await;
    ours.sql(FIRST).await;
    let both = ours.pool(&format!("{},{}", ours.schema, theirs.schema)).await;
    check_schema(&both).await.expect("ours is not newer");
    both.close().await;
    ours.finish().await;
    theirs.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t21_sqlx_migrations_are_left_alone() {
    let postgres = Postgres::empty().await;
    postgres.sql("CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY)").await;
    postgres.sql("INSERT INTO _sqlx_migrations VALUES (1), (20260101)").await;
    migrate(&postgres.pool).await.expect("theirs do not matter");
    let theirs: i64 =
        sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations").fetch_one(&postgres.pool).await.expect("a count");
    assert_eq!(theirs, 2);
    postgres.finish().await;
}

/// An operator's transaction that stays open keeps its own rows, and not the relay, which holds the cursor's lock.
#[tokio::test(flavor = "multi_thread")]
async fn marks_that_are_not_committed_hold_up_nobody() {
    let postgres = Postgres::new().await;
    postgres.append(notes(0..2)).await;
    let mut relay = Relay::start(&postgres).await;
    let page = relay.read(2).await;
    let failed = |record: &StoredRecord| ParkedRecord {
        record: record.clone(),
        state: ParkedState::Failed,
        cause: "a test".to_owned(),
    };
    let rows = page.records.iter().map(failed).collect();
    relay.try_settle(Some(page.end.clone()), rows, vec![]).await.expect("ours");
    postgres.sql("UPDATE outbox_parked SET mark = 'retry'").await;
    let mut operator = postgres.pool.begin().await.expect("a transaction");
    let skip = "UPDATE outbox_parked SET mark = 'skip' WHERE position = (SELECT min(position) FROM outbox_parked)";
    sqlx::query(skip).execute(&mut *operator).await.expect("a mark");
    let taken = tokio::time::timeout(PATIENCE, relay.store.take_commands(&relay.lease)).await;
    assert_eq!(texts(&taken.expect("nobody waits").expect("ours").retried), ["1"]);
    operator.commit().await.expect("a commit");
    let taken = relay.store.take_commands(&relay.lease).await.expect("ours");
    assert_eq!((texts(&taken.retried), taken.skip.len()), (vec!["1".to_owned()], 1));
    postgres.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused() {
    let postgres = Postgres::new().await;
    postgres.sql("UPDATE outbox_migrations SET checksum = '00000000deadbeef'").await;
    let error = migrate(&postgres.pool).await.expect_err("another text");
    assert!(matches!(&error, MigrateError::Changed { version: 1, .. }), "{error:?}");
    postgres.migrated_by_a_newer_version().await;
    let error = migrate(&postgres.pool).await.expect_err("a newer version");
    assert!(matches!(error, MigrateError::Newer { found: 9_999, known: 1 }), "{error:?}");
    postgres.sql("DROP TABLE outbox_migrations; DROP TABLE outbox_parked").await;
    let error = migrate(&postgres.pool).await.expect_err("half of the tables");
    assert!(matches!(error, MigrateError::Incomplete { missing: "outbox_parked", .. }), "{error:?}");
    postgres.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_made_by_hand_work_and_are_adopted() {
    let postgres = Postgres::empty().await;
    postgres.sql(FIRST).await;
    postgres.append(notes(0..1)).await;
    let relay = Relay::start(&postgres).await;
    migrate(&postgres.pool).await.expect("recorded as they are");
    assert_eq!(postgres.applied().await, [(1, "outbox".to_owned())]);
    assert_eq!(texts(&relay.restart(&postgres).await.read_all(1, 10).await), ["0"], "what was there stays");
    postgres.finish().await;
}
