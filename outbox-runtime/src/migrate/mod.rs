//! The outbox's tables, in a migrations table of its own: two libraries that share `_sqlx_migrations` fail (T21).
//!
//! The same files can be applied by hand; a database where that was done is recorded as it is.

#[cfg(feature = "postgres")]
mod postgres;

use std::future::Future;

use sqlx::Pool;

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
    #[error("the outbox tables are of version {found}, this program knows versions up to {known}: update this program")]
    Newer {
        /// Version in the database.
        found: i64,
        /// Newest version of this program.
        known: i64,
    },
    /// The database said no, or could not be reached. Nothing was changed.
    #[error("the outbox tables could not be made, nothing was changed: {0}")]
    Database(#[from] sqlx::Error),
}

/// A database that `migrate` knows.
pub trait Migrate: sqlx::Database {
    /// Applies what is missing, in one transaction.
    #[doc(hidden)]
    fn migrate(pool: Pool<Self>) -> impl Future<Output = Result<(), MigrateError>> + Send;
    /// Whether the tables are of a version that this program knows.
    #[doc(hidden)]
    fn check(pool: &Pool<Self>) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Makes or updates the outbox's tables in the pool's current schema. Does nothing where they are up to date; several
/// processes may call it at the same time. Cancel-safe: it goes on by itself.
///
/// # Errors
/// [`MigrateError`]; then nothing was changed.
pub async fn migrate<DB: Migrate>(pool: &Pool<DB>) -> Result<(), MigrateError> {
    // A cancelled `begin` would leave an open transaction in the pool (T1).
    let pool = pool.clone();
    match tokio::spawn(async move { DB::migrate(pool).await }).await {
        Ok(result) => result,
        Err(error) => Err(MigrateError::Database(sqlx::Error::Io(std::io::Error::other(error)))),
    }
}
