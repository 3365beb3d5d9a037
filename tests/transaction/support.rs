//! A database of its own for each test, and a handler as the macro expands it.

use std::borrow::Cow;
use std::future::{Future, poll_fn};
use std::path::Path;
use std::task::Poll;

use outbox_runtime::event::BoxError;
use outbox_runtime::{Event, EventKey};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool};

const POSTGRES_TABLES: &str = include_str!("../../outbox-runtime/migrations/postgres/0001_outbox.sql");
const SQLITE_TABLES: &str = include_str!("../../outbox-runtime/migrations/sqlite/0001_outbox.sql");

/// A body with `tx` in it, opened from a pool, as `#[transactional_event(tx = pool)]` makes it. A future of
/// `Result<_, sqlx::Error>`.
macro_rules! handler {
    ($pool:expr, $tx:ident => $body:block) => {
        async {
            let mut owned = outbox_runtime::transaction::Begin::begin(&$pool, Default::default())
                .await
                .map_err(sqlx::Error::from)?;
            let out: Result<_, sqlx::Error> = {
                let $tx = &mut owned;
                async { $body }.await
            };
            outbox_runtime::transaction::finish(owned, out, sqlx::Error::from).await
        }
    };
}
pub(crate) use handler;

/// As `emit!` expands.
macro_rules! emit {
    ($tx:ident, $event:expr) => {{
        use outbox_runtime::transaction::AsTx;
        $tx.__outbox_insert(outbox_runtime::Record::new(&$event)).await?
    }};
}
pub(crate) use emit;

/// An event with a key and a payload of any size.
pub(crate) struct Changed {
    pub(crate) id: i64,
    pub(crate) payload: Vec<u8>,
}

pub(crate) fn changed(id: i64) -> Changed {
    Changed { id, payload: id.to_string().into_bytes() }
}

impl Event for Changed {
    fn name(&self) -> &'static str {
        "test.changed"
    }
    fn version(&self) -> u32 {
        1
    }

    fn topic(&self) -> Cow<'_, str> {
        "test".into()
    }
    fn key(&self) -> Option<Vec<u8>> {
        self.id.to_key()
    }
    fn encode(&self) -> Result<Option<Vec<u8>>, BoxError> {
        Ok(Some(self.payload.clone()))
    }
}

/// A schema with the outbox and a table `state (id)`.
pub(crate) struct Postgres {
    /// What the handler uses; its sessions have the schema's name as application name.
    pub(crate) pool: PgPool,
    /// What the test looks with.
    pub(crate) witness: PgPool,
    pub(crate) schema: String,
}

/// Options for the server that the tests use.
pub(crate) fn server() -> PgConnectOptions {
    let url = std::env::var("DATABASE_URL")
        .expect("DATABASE_URL is not set: run `cargo xtask test`, which starts the servers and sets it");
    url.parse().expect("DATABASE_URL is a postgres:// URL")
}

/// A new schema, with pools of `connections` to it.
pub(crate) async fn postgres(connections: u32) -> Postgres {
    let schema = format!("tx_{}", uuid::Uuid::now_v7().simple());
    let options = server().options([("search_path", schema.as_str())]);
    let witness = PgPoolOptions::new().max_connections(2).connect_with(options.clone()).await.expect("PostgreSQL");
    let tables = format!("CREATE SCHEMA {schema}; {POSTGRES_TABLES}; CREATE TABLE state (id bigint PRIMARY KEY)");
    sqlx::raw_sql(sqlx::AssertSqlSafe(tables)).execute(&witness).await.expect("tables");
    let options = options.application_name(&schema);
    let pool = PgPoolOptions::new().max_connections(connections).connect_with(options).await.expect("PostgreSQL");
    Postgres { pool, witness, schema }
}

impl Postgres {
    /// Rows of `state` and of the log, and how many of either lack the other.
    pub(crate) async fn counts(&self) -> (i64, i64, i64) {
        sqlx::query_as(
            "SELECT count(s.id), count(e.id), count(*) FILTER (WHERE s.id IS NULL OR e.id IS NULL) \
             FROM state s FULL JOIN (SELECT convert_from(key, 'UTF8')::bigint AS id FROM outbox_log) e ON e.id = s.id",
        )
        .fetch_one(&self.witness)
        .await
        .expect("counts")
    }

    /// Waits until every connection of the pool is back in it, clean, then closes none.
    pub(crate) async fn settled(&self) {
        let mut all = Vec::new();
        for _ in 0..self.pool.options().get_max_connections() {
            all.push(self.pool.acquire().await.expect("a connection"));
        }
    }

    /// Sessions of the pool that sit in an open transaction.
    pub(crate) async fn open_transactions(&self) -> i64 {
        sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND state LIKE 'idle in transaction%'",
        )
        .bind(&self.schema)
        .fetch_one(&self.witness)
        .await
        .expect("pg_stat_activity")
    }

    /// Removes the schema of a test that has passed.
    pub(crate) async fn drop(self) {
        self.pool.close().await;
        let text = format!("DROP SCHEMA {} CASCADE", self.schema);
        sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&self.witness).await.expect("drop schema");
    }
}

/// Inserts a row of `state`.
pub(crate) const STATE: &str = "INSERT INTO state (id) VALUES ($1)";

/// A SQLite file with the outbox and a table `state (id)`.
pub(crate) async fn sqlite(directory: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(directory.join("test.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    let pool = SqlitePool::connect_with(options).await.expect("SQLite");
    sqlx::raw_sql(SQLITE_TABLES).execute(&pool).await.expect("tables");
    sqlx::raw_sql("CREATE TABLE state (id INTEGER PRIMARY KEY)").execute(&pool).await.expect("tables");
    pool
}

/// Rows of `state` and of the log.
pub(crate) async fn sqlite_counts(pool: &SqlitePool) -> (i64, i64) {
    sqlx::query_as("SELECT (SELECT count(*) FROM state), (SELECT count(*) FROM outbox_log)")
        .fetch_one(pool)
        .await
        .expect("counts")
}

/// Polls `future` up to `polls` times, then drops it; whether it had finished.
pub(crate) async fn cancelled_after<F: Future>(polls: usize, future: F) -> bool {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        if poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}
