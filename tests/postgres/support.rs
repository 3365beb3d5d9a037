//! A schema of its own for every test, rows written by hand, and a relay reduced to reading and settling.

use std::time::{Duration, Instant};

use outbox_runtime::store::{Acquired, Lease, Page, PostgresStore, Settle, Store, StoreError, StoredRecord};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use uuid::Uuid;

pub(crate) const MIGRATION: &str = include_str!("../../outbox-runtime/migrations/postgres/0001_outbox.sql");
pub(crate) const LEASE: Duration = Duration::from_secs(60);
/// Nothing here takes this long; a loop that does has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) type Cursor = <PostgresStore as Store>::Cursor;

/// Options for the server of `DATABASE_URL`.
pub(crate) fn server() -> PgConnectOptions {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL is not set: run `cargo xtask test`");
    url.parse().expect("DATABASE_URL is a postgres:// URL")
}

/// Runs SQL text as it stands.
pub(crate) async fn sql(executor: impl sqlx::PgExecutor<'_>, text: impl Into<String>) {
    let text = text.into();
    sqlx::raw_sql(AssertSqlSafe(text.clone()))
        .execute(executor)
        .await
        .unwrap_or_else(|error| panic!("{text}: {error}"));
}

/// A new schema with the outbox tables, and a pool that lives in it.
pub(crate) struct Schema {
    pub(crate) pool: PgPool,
    pub(crate) options: PgConnectOptions,
    name: String,
}

impl Schema {
    pub(crate) async fn new() -> Self {
        Self::on(server()).await
    }

    pub(crate) async fn on(server: PgConnectOptions) -> Self {
        let schema = Self::empty(server).await;
        sql(&schema.pool, MIGRATION).await;
        schema
    }

    pub(crate) async fn empty(server: PgConnectOptions) -> Self {
        let name = format!("t_{}", Uuid::now_v7().simple());
        let mut connection = PgConnection::connect_with(&server).await.expect("the server of DATABASE_URL answers");
        sql(&mut connection, format!("CREATE SCHEMA {name}")).await;
        let options = server.options([("search_path", name.as_str())]);
        let pool = PgPoolOptions::new().max_connections(20).connect_with(options.clone()).await.unwrap();
        Self { pool, options, name }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn store(&self) -> PostgresStore {
        PostgresStore::new(self.pool.clone())
    }

    pub(crate) async fn relay(&self) -> Relay {
        Relay::start(self.pool.clone()).await
    }

    /// The same with a store of the test's own, whose log is free or whose lease it holds already.
    pub(crate) async fn relay_of(&self, store: PostgresStore) -> Relay {
        sql(&self.pool, "UPDATE outbox_cursor SET owner = NULL").await;
        Relay::on(store, self.pool.clone()).await.unwrap()
    }

    /// Only a test that passed drops its schema.
    pub(crate) async fn drop(self) {
        sql(&self.pool, format!("DROP SCHEMA {} CASCADE", self.name)).await;
        self.pool.close().await;
    }
}

/// Inserts one event as the writing side does; its position.
pub(crate) async fn insert(executor: impl sqlx::PgExecutor<'_>, key: &str, payload: &str) -> i64 {
    sqlx::query_scalar(
        "INSERT INTO outbox_log (id, topic, key, headers, payload) VALUES ($1, 't', $2, '', $3) RETURNING position",
    )
    .bind(Uuid::now_v7())
    .bind(key.as_bytes())
    .bind(payload.as_bytes())
    .fetch_one(executor)
    .await
    .unwrap()
}

pub(crate) fn text(bytes: Option<&Vec<u8>>) -> String {
    String::from_utf8(bytes.expect("the tests write no NULL").clone()).unwrap()
}

pub(crate) fn payloads(records: &[StoredRecord]) -> Vec<String> {
    records.iter().map(|record| text(record.payload.as_ref())).collect()
}

/// Store, lease and the cursor in memory.
pub(crate) struct Relay {
    pub(crate) store: PostgresStore,
    pub(crate) lease: Lease,
    pub(crate) cursor: Cursor,
    pool: PgPool,
}

impl Relay {
    pub(crate) async fn start(pool: PgPool) -> Self {
        Self::try_start(pool).await.unwrap()
    }

    pub(crate) async fn try_start(pool: PgPool) -> Result<Self, StoreError> {
        Self::on(PostgresStore::new(pool.clone()), pool).await
    }

    async fn on(store: PostgresStore, pool: PgPool) -> Result<Self, StoreError> {
        let lease = match store.acquire(Uuid::now_v7(), LEASE).await? {
            Acquired::Taken(lease) => lease,
            Acquired::Held { remaining } => panic!("the log is another's for {remaining:?}"),
        };
        let cursor = store.load(&lease).await?.cursor;
        Ok(Self { store, lease, cursor, pool })
    }

    /// One page; the cursor in memory follows.
    pub(crate) async fn read(&mut self, limit: usize) -> Result<Page<Cursor>, StoreError> {
        let page = self.store.read(&self.lease, &self.cursor, limit).await?;
        self.cursor = page.end.clone();
        Ok(page)
    }

    pub(crate) async fn settle(&self) -> Result<(), StoreError> {
        self.settle_at(self.cursor.clone()).await
    }

    pub(crate) async fn settle_at(&self, cursor: Cursor) -> Result<(), StoreError> {
        self.store.settle(&self.lease, Settle { cursor: Some(cursor), park: vec![], unpark: vec![] }).await
    }

    /// Reads and settles one page; its payloads.
    pub(crate) async fn deliver(&mut self) -> Vec<String> {
        let page = self.read(1_000).await.unwrap();
        self.settle().await.unwrap();
        payloads(&page.records)
    }

    /// Everything after the stored cursor, as a rebuilt relay reads it.
    pub(crate) async fn reload(&mut self) {
        self.cursor = self.store.load(&self.lease).await.unwrap().cursor;
    }

    /// `low` of the stored cursor.
    pub(crate) async fn low(&self) -> i64 {
        sqlx::query_scalar("SELECT low FROM outbox_cursor").fetch_one(&self.pool).await.unwrap()
    }

    /// Reads and settles until `low` has reached `position`: other transactions of the server hold it back for a while.
    pub(crate) async fn deliver_until_low(&mut self, position: i64) -> Vec<String> {
        let start = Instant::now();
        let mut delivered = self.deliver().await;
        while self.low().await < position {
            assert!(start.elapsed() < PATIENCE, "`low` has not reached {position}");
            tokio::time::sleep(Duration::from_millis(5)).await;
            delivered.extend(self.deliver().await);
        }
        delivered
    }
}
