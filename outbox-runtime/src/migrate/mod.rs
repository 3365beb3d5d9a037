//! The outbox's tables, in a migrations table of its own: two libraries that share `_sqlx_migrations` fail (T21).
//!
//! Stands before the flow: it makes the tables that [`transaction`](crate::transaction) writes and
//! [`store`](crate::store) reads. The same files can be applied by hand; a database where that was done is recorded as
//! it is.

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod plan;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod rights;
#[cfg(feature = "postgres")]
mod roles;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::future::Future;

use sqlx::Pool;

#[cfg(feature = "postgres")]
use crate::Ident;
#[cfg(feature = "postgres")]
pub(crate) use postgres::check as check_postgres;
#[cfg(feature = "postgres")]
pub use rights::missing_rights;
#[cfg(feature = "postgres")]
pub use roles::Roles;

use crate::store::StoreError;

/// One step: a file of `migrations/`.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Number of the file, from 1 and without a gap.
    pub version: i64,
    /// Name of the file without number and ending.
    pub name: &'static str,
    /// Its text.
    pub sql: &'static str,
}

/// Why the tables could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// A newer version of this library was here before.
    #[error(
        "the outbox tables are of version {found}, this program knows versions up to {known}: update this program [OBX-131]"
    )]
    Newer {
        /// Version in the database.
        found: i64,
        /// Newest version of this program.
        known: i64,
    },
    /// A file that was applied has another text now.
    #[error(
        "migration {version} ({name}) was applied with another text (checksum {stored}) than this program has ({known}): \
         use the release that made the tables, or compare them with the file and write {known} into \
         outbox_migrations.checksum [OBX-132]"
    )]
    Changed {
        /// Number of the file.
        version: i64,
        /// Name of the file.
        name: &'static str,
        /// Checksum in the database.
        stored: String,
        /// Checksum of this program's file.
        known: String,
    },
    /// Some of the first version's tables are there, but not recorded, and some are not.
    #[error(
        "the database has `{found}` but neither `{missing}` nor a recorded outbox migration: if `0001_outbox.sql` was \
         applied by hand, apply the rest of it; if `{found}` belongs to something else, give the outbox a schema or \
         file of its own [OBX-133]"
    )]
    Incomplete {
        /// A table that is there.
        found: &'static str,
        /// A table that is missing.
        missing: &'static str,
    },
    /// The database said no, or could not be reached.
    #[error("the outbox tables could not be made; the step that failed changed nothing: {0}")]
    Database(#[from] sqlx::Error),
}

/// How the log lies in a PostgreSQL database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Layout {
    /// A ring of slots, partitions that are emptied by TRUNCATE once all of their records are published: a published
    /// record costs no WAL, and a transaction that is left open cannot bloat the log. The relay's role needs TRUNCATE on
    /// the partitions and on `outbox_cursor`.
    #[default]
    Ring,
    /// One plain table, published records are deleted: no rights beyond DELETE, no partitions, and no retention.
    Plain,
}

/// Settings of [`migrate_with`].
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct MigrateOptions {
    #[cfg(feature = "postgres")]
    schema: Option<Ident>,
    layout: Layout,
}

impl MigrateOptions {
    /// The defaults: what [`migrate`] does.
    pub fn new() -> Self {
        Self::default()
    }

    /// The schema of the log, which is made where it is missing: see [`migrate_schema`]. Default: the current one.
    #[cfg(feature = "postgres")]
    pub fn schema(mut self, schema: Ident) -> Self {
        self.schema = Some(schema);
        self
    }

    /// How the log is to lie in a PostgreSQL database. Default: [`Layout::Ring`]. A ring becomes a plain table as long as it
    /// has no rows; a plain table stays one. SQLite has one layout.
    pub fn layout(mut self, layout: Layout) -> Self {
        self.layout = layout;
        self
    }
}

/// A database that `migrate` knows.
pub trait Migrate: sqlx::Database {
    /// Applies what is missing, each file in a transaction of its own.
    #[doc(hidden)]
    fn migrate(pool: Pool<Self>, options: MigrateOptions) -> impl Future<Output = Result<(), MigrateError>> + Send;
    /// Whether the tables are there and of a version that this program knows.
    #[doc(hidden)]
    fn check(pool: &Pool<Self>) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Makes or updates the outbox's tables: in PostgreSQL in the pool's current schema (the first of its `search_path`). Does
/// nothing where they are up to date; several processes may call it at the same time. Dropped, it goes on by itself.
///
/// # Errors
/// [`MigrateError`]. Files applied before the one that failed stay applied; call it again.
pub async fn migrate<DB: Migrate>(pool: &Pool<DB>) -> Result<(), MigrateError> {
    migrate_with(pool, MigrateOptions::default()).await
}

/// [`migrate`] with settings.
///
/// # Errors
/// [`MigrateError`]. Files applied before the one that failed stay applied; call it again.
pub async fn migrate_with<DB: Migrate>(pool: &Pool<DB>, options: MigrateOptions) -> Result<(), MigrateError> {
    let pool = pool.clone();
    shielded(async move { DB::migrate(pool, options).await }).await
}

/// Makes or updates the outbox's tables in `schema`, which is made where it is missing. A database can have any number of
/// logs, each in a schema of its own: see [`PostgresStoreBuilder::schema`](crate::store::PostgresStoreBuilder::schema).
/// Otherwise as [`migrate`].
///
/// # Errors
/// [`MigrateError`]. Files applied before the one that failed stay applied; call it again.
#[cfg(feature = "postgres")]
pub async fn migrate_schema(pool: &sqlx::PgPool, schema: &Ident) -> Result<(), MigrateError> {
    migrate_with(pool, MigrateOptions::new().schema(schema.clone())).await
}

/// A cancelled `begin` would leave an open transaction in the pool (T1).
async fn shielded(work: impl Future<Output = Result<(), MigrateError>> + Send + 'static) -> Result<(), MigrateError> {
    match tokio::spawn(work).await {
        Ok(result) => result,
        Err(error) => Err(MigrateError::Database(sqlx::Error::Io(std::io::Error::other(error)))),
    }
}

/// Whether this program can work with the tables of the database; stores ask before they take a lease.
///
/// # Errors
/// [`StoreError::NotMigrated`], [`StoreError::NewerSchema`], [`StoreError::Database`].
pub async fn check_schema<DB: Migrate>(pool: &Pool<DB>) -> Result<(), StoreError> {
    DB::check(pool).await
}
