//! What people choose about a log in PostgreSQL.

use std::time::Duration;

use sqlx::PgPool;

use super::PostgresStore;

/// See [`PostgresStoreBuilder`].
#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) slot_bytes: u64,
    pub(super) retention: Option<Duration>,
    pub(super) retention_bytes: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { slot_bytes: 64 << 20, retention: None, retention_bytes: None }
    }
}

/// Settings of a [`PostgresStore`].
#[derive(Debug)]
#[must_use]
pub struct PostgresStoreBuilder {
    pool: PgPool,
    options: Options,
}

impl PostgresStoreBuilder {
    pub(super) fn new(pool: PgPool) -> Self {
        Self { pool, options: Options::default() }
    }

    /// New records go on to another slot of the log's ring once the one they go to has this many bytes on disk, or has
    /// been in use for ten minutes; it is emptied when all of it is published. Default: 64 MiB.
    pub fn slot_bytes(mut self, bytes: u64) -> Self {
        self.options.slot_bytes = bytes.max(1);
        self
    }

    /// Keeps published records for at least this long after their slot was filled, and at most for a quarter of it longer.
    /// In a plain table they go at once. Default: not at all.
    pub fn retention(mut self, time: Duration) -> Self {
        self.options.retention = (!time.is_zero()).then_some(time);
        self
    }

    /// With a [retention](Self::retention): those that were published first go early where all that is kept has more
    /// bytes on disk than this. What is not published counts, and stays. Default: no bound.
    pub fn retention_bytes(mut self, bytes: u64) -> Self {
        self.options.retention_bytes = Some(bytes);
        self
    }

    /// The store. Nothing is read until [`Store::acquire`](crate::store::Store::acquire).
    pub fn build(self) -> PostgresStore {
        PostgresStore::with(self.pool, self.options)
    }
}
