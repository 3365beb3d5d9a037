//! Configuration of a [`PostgresStore`].

use sqlx::PgPool;

use super::listen::{Hints, Listener};
use super::{PostgresStore, low, room};
use crate::Ident;
use crate::qualify::{LogPool, Names};

/// Made by [`PostgresStore::builder`]; every setting has a default.
#[derive(Debug)]
#[must_use]
pub struct PostgresStoreBuilder {
    pool: LogPool,
    listener: Option<Listener>,
}

impl PostgresStoreBuilder {
    pub(super) fn new(pool: PgPool) -> Self {
        Self { pool: LogPool::new(pool), listener: None }
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

    /// Makes the store. Nothing is read until [`Store::acquire`](crate::store::Store::acquire).
    pub fn build(self) -> PostgresStore {
        let hints = self.listener.as_ref().map(Hints::of);
        PostgresStore { pool: self.pool, low: low::LowWater::default(), room: room::Floor::default(), hints }
    }
}
