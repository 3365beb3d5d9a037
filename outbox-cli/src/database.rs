//! The database of a command: `--database-url`, or `DATABASE_URL`.

use std::future::Future;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use outbox_runtime::Ident;
use outbox_runtime::migrate::{MigrateError, MigrateOptions, Roles, migrate_with};
use outbox_runtime::store::{
    Listener, Mark, Overview, ParkedView, PostgresStore, PostgresStoreBuilder, SqliteStore, Store, StoreError,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use uuid::Uuid;

/// How long a first connection may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// A relay reads, settles and renews beside each other.
const CONNECTIONS: u32 = 4;

#[derive(clap::Args)]
pub(crate) struct Database {
    /// `postgres://user@host/database`, or `sqlite:path`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: String,
    /// Schema of the log in PostgreSQL. Default: what the search path finds.
    #[arg(long, env = "OUTBOX_SCHEMA")]
    schema: Option<Ident>,
    /// Between here and PostgreSQL is PgBouncer in transaction mode, older than 1.21 or with `max_prepared_statements = 0`.
    #[arg(long, env = "OUTBOX_TRANSACTION_POOLER")]
    transaction_pooler: bool,
    #[command(flatten)]
    _file: crate::config::File,
}

/// An open log.
pub(crate) enum Log {
    Postgres(Postgres),
    Sqlite(sqlx::SqlitePool),
}

/// A log in PostgreSQL.
pub(crate) struct Postgres {
    pool: sqlx::PgPool,
    schema: Option<Ident>,
    transaction_pooler: bool,
    listener: Option<Listener>,
}

impl Postgres {
    pub(crate) fn store(&self) -> PostgresStore {
        self.builder().build()
    }

    pub(crate) fn builder(&self) -> PostgresStoreBuilder {
        let mut builder = PostgresStore::builder(self.pool.clone()).transaction_pooler(self.transaction_pooler);
        if let Some(schema) = &self.schema {
            builder = builder.schema(schema.clone());
        }
        if let Some(listener) = &self.listener {
            builder = builder.listener(listener);
        }
        builder
    }

    pub(crate) async fn roles(&self, prefix: &Ident) -> Result<Roles> {
        match &self.schema {
            Some(schema) => Ok(Roles::new(schema, prefix)?),
            None => Ok(Roles::in_current_schema(&self.pool, prefix).await?),
        }
    }

    /// The pool, where statements that name no schema find the log. For the catalog's sake: not through a transaction pooler.
    pub(crate) fn in_search_path(&self) -> sqlx::PgPool {
        let Some(schema) = &self.schema else { return self.pool.clone() };
        let options = (*self.pool.connect_options()).clone().options([("search_path", format!("\"{schema}\""))]);
        PgPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE).connect_lazy_with(options)
    }

    pub(crate) async fn apply(&self, roles: &Roles) -> Result<(), MigrateError> {
        roles.apply(&self.pool).await
    }
}

impl Database {
    /// Connects. Never makes a SQLite file: a wrong path would look like an empty outbox.
    pub(crate) async fn open(&self) -> Result<Log> {
        let (log, place) = Log::lazy(&self.database_url, self.schema.as_ref(), self.transaction_pooler)?;
        let is_there = match &log {
            Log::Postgres(log) => log.pool.acquire().await.map(drop),
            Log::Sqlite(pool) => pool.acquire().await.map(drop),
        };
        is_there.with_context(|| format!("{place} cannot be reached with this URL"))?;
        Ok(log)
    }
}

/// The logs of a relay: each schema in each database.
#[derive(clap::Args)]
pub(crate) struct Databases {
    /// `postgres://user@host/database`, or `sqlite:path`; several with spaces between them, or the option again.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, required = true, value_delimiter = ' ')]
    database_url: Vec<String>,
    /// Schema of a log in PostgreSQL; several with commas between them, or the option again: each is a log, in each of the
    /// databases. Default: one log, which the search path finds (also `?options[search_path]=name` in a URL).
    #[arg(long, env = "OUTBOX_SCHEMA", value_delimiter = ',')]
    schema: Vec<Ident>,
    /// Between here and PostgreSQL is PgBouncer in transaction mode, older than 1.21 or with `max_prepared_statements = 0`.
    #[arg(long, env = "OUTBOX_TRANSACTION_POOLER")]
    transaction_pooler: bool,
    /// Hear of commits at once, from services with an `outbox::wake::Announcer`: one more connection for each database, to
    /// the server itself. Without it events are found by polling, within 50 ms.
    #[arg(long, env = "OUTBOX_NOTIFY")]
    notify: bool,
    #[command(flatten)]
    _file: crate::config::File,
}

impl Databases {
    /// The logs, each with a pool of its own and a name for people. A database that is away is waited for by its relay.
    pub(crate) fn logs(&self) -> Result<Vec<(Log, String)>> {
        let mut logs = Vec::new();
        if self.database_url.iter().all(String::is_empty) {
            bail!("no database: give `--database-url`, or set DATABASE_URL to more than nothing");
        }
        for url in self.database_url.iter().filter(|url| !url.is_empty()) {
            let mut schemas: Vec<_> = self.schema.iter().map(Some).collect();
            if schemas.is_empty() {
                schemas.push(None);
            }
            let mut listener = None;
            for schema in schemas {
                let (mut log, name) = Log::lazy(url, schema, self.transaction_pooler)?;
                if let (Log::Postgres(log), true) = (&mut log, self.notify) {
                    let start = || Listener::start((*log.pool.connect_options()).clone());
                    log.listener = Some(listener.get_or_insert_with(start).clone());
                }
                logs.push((log, name));
            }
        }
        Ok(logs)
    }
}

impl Log {
    /// The log and what people call it; nothing is connected yet.
    fn lazy(url: &str, schema: Option<&Ident>, transaction_pooler: bool) -> Result<(Self, String)> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options: PgConnectOptions = url.parse().context("the database URL cannot be read")?;
            let mut place = format!("PostgreSQL at {}:{}", options.get_host(), options.get_port());
            if let Some(database) = options.get_database() {
                place = format!("{place}/{database}");
            }
            if let Some(schema) = schema {
                place = format!("{place} schema {schema}");
            }
            let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
            // The server's own views show it: a name in the URL or in PGAPPNAME stands.
            let options = match options.get_application_name() {
                Some(_) => options,
                None => options.application_name("outbox"),
            };
            let pool = pool.connect_lazy_with(options);
            Ok((Self::Postgres(Postgres { pool, schema: schema.cloned(), transaction_pooler, listener: None }), place))
        } else if url.starts_with("sqlite:") {
            if schema.is_some() {
                bail!("a SQLite file is one log: `--schema` is for PostgreSQL");
            }
            let options: SqliteConnectOptions = url.parse().context("the database URL cannot be read")?;
            let place = format!("the SQLite file {}", options.get_filename().display());
            let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
            Ok((Self::Sqlite(pool.connect_lazy_with(options)), place))
        } else {
            bail!("the database URL begins with `postgres:` or `sqlite:`")
        }
    }
}

/// The same of whatever store the log has.
macro_rules! store {
    ($log:expr, $store:ident => $call:expr) => {
        match $log {
            Log::Postgres(log) => {
                let $store = log.store();
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
            Self::Postgres(Postgres { pool, schema: Some(schema), .. }) => {
                migrate_with(pool, options.schema(schema.clone())).await
            }
            Self::Postgres(Postgres { pool, schema: None, .. }) => migrate_with(pool, options).await,
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
