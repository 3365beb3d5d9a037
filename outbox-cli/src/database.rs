//! The database of a command: `--database-url`, or `DATABASE_URL`.

use std::future::Future;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use outbox_runtime::migrate::{MigrateError, MigrateOptions, migrate_with};
use outbox_runtime::store::{Mark, Overview, ParkedView, PostgresStore, SqliteStore, Store, StoreError};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use uuid::Uuid;

/// How long a first connection may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// A relay reads, settles and renews beside each other.
const CONNECTIONS: u32 = 4;

#[derive(clap::Args)]
pub(crate) struct Database {
    /// `postgres://user@host/database` (schema: `?options[search_path]=name`), or `sqlite:path`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: String,
    #[command(flatten)]
    _file: crate::config::File,
}

/// An open log.
pub(crate) enum Log {
    Postgres(sqlx::PgPool),
    Sqlite(sqlx::SqlitePool),
}

impl Database {
    /// Connects. Never makes a SQLite file: a wrong path would look like an empty outbox.
    pub(crate) async fn open(&self) -> Result<Log> {
        let url = &self.database_url;
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options: PgConnectOptions = url.parse().context("the database URL cannot be read")?;
            let place = format!("PostgreSQL at {}:{}", options.get_host(), options.get_port());
            let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
            let pool = pool.connect_with(options.application_name("outbox")).await;
            Ok(Log::Postgres(pool.with_context(|| format!("{place} cannot be reached with this URL"))?))
        } else if url.starts_with("sqlite:") {
            let options: SqliteConnectOptions = url.parse().context("the database URL cannot be read")?;
            let place = options.get_filename().display().to_string();
            let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
            let pool = pool.connect_with(options).await;
            Ok(Log::Sqlite(pool.with_context(|| format!("the SQLite file {place} cannot be opened"))?))
        } else {
            bail!("the database URL begins with `postgres:` or `sqlite:`")
        }
    }
}

/// The same of whatever store the log has.
macro_rules! store {
    ($log:expr, $store:ident => $call:expr) => {
        match $log {
            Log::Postgres(pool) => {
                let $store = PostgresStore::new(pool.clone());
                $call.await
            }
            Log::Sqlite(pool) => {
                let $store = SqliteStore::new(pool.clone());
                $call.await
            }
        }
    };
}

impl Log {
    pub(crate) async fn migrate(&self, options: MigrateOptions) -> Result<(), MigrateError> {
        match self {
            Self::Postgres(pool) => migrate_with(pool, options).await,
            Self::Sqlite(pool) => migrate_with(pool, options).await,
        }
    }

    pub(crate) async fn overview(&self) -> Result<Overview, StoreError> {
        store!(self, store => store.overview())
    }

    pub(crate) async fn parked(&self, after: i64, limit: usize) -> Result<Vec<ParkedView>, StoreError> {
        store!(self, store => store.parked(after, limit))
    }

    pub(crate) async fn mark(&self, ids: &[Uuid], mark: Mark) -> Result<u64, StoreError> {
        store!(self, store => store.mark(ids, mark))
    }
}

/// Runs a command's work.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no runtime can be started")?
        .block_on(work)
}
