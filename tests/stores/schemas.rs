//! The suite on a log in a named schema, through a pool whose search path finds no outbox: every statement says where.

use outbox_runtime::migrate::{MigrateError, migrate_schema};
use outbox_runtime::store::{PostgresStore, Store as _, StoreError};
use outbox_runtime::transaction::{AsTx as _, in_schema};
use outbox_runtime::{Error, Ident, Record};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

use crate::conformance::{conformance, conformance_of_tables};
use crate::harness::{Harness, Tables, note, notes};
use crate::postgres::Postgres;
use crate::relay::{LEASE, Relay, taken, texts};

/// The search path ends where no outbox is.
pub(crate) struct Named {
    pub(crate) pool: PgPool,
    pub(crate) schema: Ident,
}

conformance!(Named);
conformance_of_tables!(Named);

impl Named {
    /// In a schema that is not made yet, whose name needs its quotes.
    async fn absent() -> Self {
        let options = Postgres::server().options([("search_path", "pg_catalog")]);
        let pool = PgPoolOptions::new().max_connections(10).connect_with(options).await.expect("the server answers");
        let schema = format!("Stores-{}", Uuid::now_v7().simple()).parse().expect("a valid name");
        Self { pool, schema }
    }

    pub(crate) async fn sql(&self, text: &str) {
        let text = text.replace("NAMED", &format!("\"{}\"", self.schema));
        let done = sqlx::raw_sql(AssertSqlSafe(text.clone())).execute(&self.pool).await;
        done.unwrap_or_else(|error| panic!("{text}: {error}"));
    }

    pub(crate) async fn slots(&self) -> i64 {
        let text =
            format!("SELECT count(*) FROM pg_inherits WHERE inhparent = '\"{}\".outbox_log'::regclass", self.schema);
        sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(&self.pool).await.expect("a count")
    }

    async fn positions(&self, table: &str) -> Vec<i64> {
        let text = format!("SELECT position FROM \"{}\".{table} ORDER BY position", self.schema);
        sqlx::query_scalar(AssertSqlSafe(text)).fetch_all(&self.pool).await.expect("a table")
    }
}

impl Harness for Named {
    type Store = PostgresStore;
    const CHUNKS: bool = false;

    async fn new() -> Self {
        let named = Self::absent().await;
        migrate_schema(&named.pool, &named.schema).await.expect("the schema is made");
        named
    }

    fn store(&self) -> PostgresStore {
        PostgresStore::builder(self.pool.clone()).schema(self.schema.clone()).slot_bytes(1).build()
    }

    async fn append(&self, records: Vec<Record>) {
        let mut tx = self.pool.begin().await.expect("a transaction");
        in_schema(&mut tx, &self.schema).__outbox_insert(Ok::<_, Error>(records)).await.expect("an insert");
        tx.commit().await.expect("a commit");
    }

    async fn rows(&self) -> usize {
        self.positions("outbox_log").await.len()
    }

    async fn skipped(&self) -> Vec<i64> {
        self.positions("outbox_skipped").await
    }

    async fn finish(self) {
        self.sql("DROP SCHEMA NAMED CASCADE").await;
        self.pool.close().await;
    }
}

impl Tables for Named {
    async fn empty() -> Self {
        let named = Self::absent().await;
        named.sql("CREATE SCHEMA NAMED").await;
        named
    }

    async fn migrated_by_a_newer_version(&self) {
        self.sql("INSERT INTO NAMED.outbox_migrations (version, name) VALUES (9999, 'future')").await;
    }
}

/// Two logs, one database, one pool: each has its own records, positions, lease and cursor.
#[tokio::test(flavor = "multi_thread")]
async fn logs_of_one_database_know_nothing_of_each_other() {
    let one = Named::new().await;
    let two = Named { pool: one.pool.clone(), schema: format!("{}-2", one.schema).parse().expect("a valid name") };
    migrate_schema(&two.pool, &two.schema).await.expect("a second log");
    migrate_schema(&two.pool, &two.schema).await.expect("nothing to do");
    // In one transaction: both or neither.
    let mut tx = one.pool.begin().await.expect("a transaction");
    for (log, text) in [(&one, "first"), (&two, "second"), (&one, "third")] {
        let rows = Ok::<_, Error>(vec![note(text)]);
        in_schema(&mut tx, &log.schema).__outbox_insert(rows).await.expect("an insert");
    }
    tx.commit().await.expect("a commit");
    let (mut first, mut second) = (Relay::start(&one).await, Relay::start(&two).await);
    assert_eq!(texts(&first.read_all(2, 10).await), ["first", "third"]);
    assert_eq!(texts(&second.read_all(1, 10).await), ["second"]);
    first.settle().await;
    assert_eq!((one.rows().await, two.rows().await), (2, 1));
    assert_eq!(first.make_room().await, [2]);
    assert_eq!((one.rows().await, two.rows().await), (0, 1), "what is not settled stays");
    second.store.release(&second.lease).await.expect("ours");
    taken(&second.store, Uuid::now_v7(), LEASE).await;
    first.store.renew(&first.lease, LEASE).await.expect("the other log's owner does not matter");
    two.sql("DROP SCHEMA NAMED CASCADE").await;
    one.finish().await;
}

/// An outbox that the search path finds is not taken for the one that is named.
#[tokio::test(flavor = "multi_thread")]
async fn a_named_log_is_not_looked_for_elsewhere() {
    let theirs = Postgres::new().await;
    theirs.append(notes(0..1)).await;
    let missing: Ident = "Not-There".parse().expect("a valid name");
    let store = PostgresStore::builder(theirs.pool("pg_catalog").await).schema(missing).build();
    let error = store.acquire(Uuid::now_v7(), LEASE).await.expect_err("no such log");
    assert!(matches!(error, StoreError::NotMigrated { .. }), "{error:?}");

    // The same where theirs comes first in the search path.
    let empty = Named::empty().await;
    let pool = theirs.pool(&theirs.schema).await;
    let store = PostgresStore::builder(pool.clone()).schema(empty.schema.clone()).build();
    let error = store.acquire(Uuid::now_v7(), LEASE).await.expect_err("no such log");
    assert!(matches!(error, StoreError::NotMigrated { .. }), "{error:?}");
    migrate_schema(&pool, &empty.schema).await.expect("made in the schema that is named");
    taken(&store, Uuid::now_v7(), LEASE).await;
    assert_eq!((empty.rows().await, theirs.rows().await), (0, 1));
    pool.close().await;
    empty.finish().await;
    theirs.finish().await;
}

/// The search path that a migration sets ends with its transaction.
#[tokio::test(flavor = "multi_thread")]
async fn t22_a_migration_leaves_the_session_as_it_was() {
    let named = Named::absent().await;
    let options = (*named.pool.connect_options()).clone();
    let single = PgPoolOptions::new().max_connections(1).connect_with(options).await.expect("the server answers");
    migrate_schema(&single, &named.schema).await.expect("a log");
    let path: String = sqlx::query_scalar("SHOW search_path").fetch_one(&single).await.expect("a setting");
    assert_eq!(path, "pg_catalog");
    let prepared: i64 =
        sqlx::query_scalar("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%outbox%'")
            .persistent(false)
            .fetch_one(&single)
            .await
            .expect("a count");
    assert_eq!(prepared, 0, "names on a server are another client's behind a pooler");
    single.close().await;
    named.finish().await;
}

/// Whoever may use a schema need not be allowed to make one.
#[tokio::test(flavor = "multi_thread")]
async fn an_existing_schema_is_used_without_the_right_to_make_one() {
    let named = Named::empty().await;
    let role = format!("maker_{}", Uuid::now_v7().simple());
    named.sql(&format!("CREATE ROLE {role} LOGIN; GRANT USAGE, CREATE ON SCHEMA NAMED TO {role}")).await;
    let options = (*named.pool.connect_options()).clone().username(&role);
    let limited = PgPoolOptions::new().max_connections(1).connect_with(options).await.expect("the server answers");
    migrate_schema(&limited, &named.schema).await.expect("a log");
    let other: Ident = format!("{}-2", named.schema).parse().expect("a valid name");
    let error = migrate_schema(&limited, &other).await.expect_err("no right on the database");
    assert!(matches!(&error, MigrateError::Database(_)) && error.to_string().contains("permission"), "{error}");
    limited.close().await;
    named.sql(&format!("DROP SCHEMA NAMED CASCADE; DROP OWNED BY {role}; DROP ROLE {role}; CREATE SCHEMA NAMED")).await;
    named.finish().await;
}
