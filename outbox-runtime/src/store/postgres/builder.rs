//! Configuration of a [`PostgresStore`].

use std::time::Duration;

use sqlx::PgPool;

use super::PostgresStore;
use super::listen::{Hints, Listener};
use super::options::{Options, SLOT_BYTES_MAX};
use crate::Ident;
use crate::qualify::{LogPool, Names};

/// Made by [`PostgresStore::builder`]; every setting has a default.
#[derive(Debug)]
#[must_use]
pub struct PostgresStoreBuilder {
    pool: LogPool,
    listener: Option<Listener>,
    options: Options,
}

impl PostgresStoreBuilder {
    pub(super) fn new(pool: PgPool) -> Self {
        Self { pool: LogPool::new(pool), listener: None, options: Options::default() }
    }

    /// The schema of the log; every statement names it. Default: what the search path of the pool's sessions finds.
    pub fn schema(mut self, schema: Ident) -> Self {
        self.pool.names = Names::new(Some(schema));
        self
    }

    /// Whether a transaction pooler that does not carry prepared statements stands between the pool and the server:
    /// PgBouncer with `pool_mode = transaction` that is older than 1.21, or has `max_prepared_statements = 0`. Each
    /// statement is then sent as a transaction, without a name: three round trips more. Default: `false`.
    pub fn transaction_pooler(mut self, yes: bool) -> Self {
        self.pool.unprepared = yes;
        self
    }

    /// Hears of commits in other processes, and reads at once. Default: none; the relay polls, with it and without it.
    pub fn listener(mut self, listener: &Listener) -> Self {
        self.listener = Some(listener.clone());
        self
    }

    /// New records go on to another slot of the log's ring once the one they go to has this many bytes on disk, or has
    /// been in use for ten minutes; it is emptied when all of it is published. Default: 64 MiB. At most 128 MiB, and what is
    /// larger counts as that: a slot is looked through before it is emptied, and locked meanwhile.
    pub fn slot_bytes(mut self, bytes: u64) -> Self {
        if bytes > SLOT_BYTES_MAX {
            tracing::warn!(bytes, "a slot has {SLOT_BYTES_MAX} bytes at most: it is looked through under a lock");
        }
        self.options.slot_bytes = bytes.clamp(1, SLOT_BYTES_MAX);
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

    /// Makes the store. Nothing is read until [`Store::acquire`](crate::store::Store::acquire).
    pub fn build(self) -> PostgresStore {
        let hints = self.listener.as_ref().map(Hints::of);
        let (layout, low, room) = Default::default();
        PostgresStore { pool: self.pool, options: self.options, layout, low, room, hints }
    }
}
