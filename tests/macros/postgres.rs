//! A schema of its own for each test on PostgreSQL, with one table of state beside the outbox.

use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

const TABLES: &str = include_str!("../../outbox-runtime/migrations/postgres/0001_outbox.sql");

/// Inserts a row of `state`.
pub(crate) const STATE: &str = "INSERT INTO state (id) VALUES ($1)";

/// Fails as a transaction that lost against another one.
pub(crate) const LOST: &str = "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$";

/// The pool, and the schema that is dropped by [`Postgres::drop`].
pub(crate) struct Postgres {
    pub(crate) pool: PgPool,
    schema: String,
}

pub(crate) async fn postgres() -> Postgres {
    let url = std::env::var("DATABASE_URL")
        .expect("DATABASE_URL is not set: run `cargo xtask test`, which starts the servers and sets it");
    let options: PgConnectOptions = url.parse().expect("DATABASE_URL is a postgres:// URL");
    let schema = format!("macros_{}", uuid::Uuid::now_v7().simple());
    let options = options.options([("search_path", schema.as_str())]);
    let pool = PgPoolOptions::new().max_connections(3).connect_with(options).await.expect("PostgreSQL");
    let tables = format!("CREATE SCHEMA {schema}; {TABLES}; CREATE TABLE state (id bigint PRIMARY KEY)");
    sqlx::raw_sql(AssertSqlSafe(tables)).execute(&pool).await.expect("tables");
    Postgres { pool, schema }
}

impl Postgres {
    /// The rows of state, and the keys of the events.
    pub(crate) async fn rows(&self) -> (Vec<i64>, Vec<i64>) {
        let state = sqlx::query_scalar("SELECT id FROM state ORDER BY id").fetch_all(&self.pool).await.expect("state");
        let events = sqlx::query_scalar("SELECT convert_from(key, 'UTF8')::bigint FROM outbox_log ORDER BY 1")
            .fetch_all(&self.pool)
            .await
            .expect("events");
        (state, events)
    }

    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    /// Removes the schema of a test that has passed.
    pub(crate) async fn drop(self) {
        let text = format!("DROP SCHEMA {} CASCADE", self.schema);
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&self.pool).await.expect("drop schema");
    }
}
