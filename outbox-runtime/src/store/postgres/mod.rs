//! The PostgreSQL store: a log that is read by snapshot windows, never updated, and emptied slot by slot.
//!
//! The cursor is a pair of snapshots. A *window* `(prev, now]` is what is visible now and was not in `prev`; inside it
//! records come in `position` order (R1). No gap is ever skipped, and a slow transaction delays its own records only.
//! `window` reads by the statements of `select`, `low` keeps reads from scanning what was delivered long ago, `lease` says
//! who may settle, `settle` writes the cursor, `layout` knows the tables, `room` empties them. Every method is one statement or a few that commit by themselves:
//! no session state, no LISTEN, no advisory lock, so that a transaction pooler may sit in between (T22).

use std::time::Duration;

use sqlx::PgPool;
use uuid::Uuid;

use crate::qualify::LogPool;

use super::{
    Acquired, Commands, Lag, Lease, Loaded, Mark, Overview, Page, ParkedView, Position, Recovered, Settle, Store,
    StoreError,
};

mod adopt;
mod builder;
mod commands;
mod cursor;
mod delayed;
mod error;
mod lag;
mod layout;
mod lease;
mod listen;
mod load;
mod low;
mod options;
mod overview;
mod parked;
mod recover;
mod room;
mod row;
mod select;
mod settle;
mod snapshot;
mod window;

pub use adopt::Adoption;
pub use builder::PostgresStoreBuilder;
pub use cursor::PostgresCursor;
pub use listen::Listener;

/// A log in a PostgreSQL database (13 or newer): the tables of `outbox::migrate` in the pool's search path, or of
/// [`migrate_schema`](crate::migrate::migrate_schema) in a schema of its own.
///
/// Connect to the primary. One store serves one relay; several relays of one log each have their own and share the log by
/// its lease.
#[derive(Debug)]
pub struct PostgresStore {
    pool: LogPool,
    options: options::Options,
    layout: layout::Found,
    low: low::LowWater,
    room: room::Room,
    hints: Option<listen::Hints>,
}

impl PostgresStore {
    /// A store on `pool` with the defaults of [`builder`](Self::builder). Nothing is read until [`Store::acquire`].
    pub fn new(pool: PgPool) -> Self {
        Self::builder(pool).build()
    }

    /// Starts to configure a store on `pool`: a schema, a transaction pooler, what is kept.
    pub fn builder(pool: PgPool) -> PostgresStoreBuilder {
        PostgresStoreBuilder::new(pool)
    }

    /// What [`PostgresStore::adopt`] would do. Changes nothing.
    ///
    /// # Errors
    /// [`StoreError::SequenceBehind`], [`StoreError::Standby`], and what every operation can say.
    pub async fn adoption(&self) -> Result<Adoption, StoreError> {
        adopt::adoption(&self.pool).await
    }

    /// Makes a log that another cluster has written this cluster's: a restored dump, a logical copy. Its relay refuses it
    /// until then ([`StoreError::OtherCluster`]), since a copy for tests must not publish its origin's backlog. What the
    /// former relay had not settled is published from here on, in order; what it had settled last may come once more, with
    /// the same ids. A dump that was taken in the moment in which the cursor's table was written anew has no cursor: it gets
    /// one, and all that its log has is published. Nothing is done where the log is this cluster's. What was done is returned.
    ///
    /// One transaction, which rewrites every row that is left in the log. Dropped, it goes on by itself.
    ///
    /// # Errors
    /// [`StoreError::SequenceBehind`], [`StoreError::Standby`], and what every operation can say; nothing was changed.
    pub async fn adopt(&self) -> Result<Adoption, StoreError> {
        let pool = self.pool.clone();
        // A cancelled `begin` would leave an open transaction in the pool (T1).
        joined(tokio::spawn(async move { adopt::adopt(&pool).await }).await)
    }

    /// The same, and gives a copy of a log in the same cluster a name of its own: made by `CREATE DATABASE … TEMPLATE`, or
    /// restored beside its origin. A relay with exactly-once delivery refuses it until then ([`StoreError::Copy`]). Nobody can
    /// tell a copy from its origin without the sink: call it on the copy.
    ///
    /// Where the origin's relay was stopped in an orderly way before, the log goes on where it stood. Otherwise only the
    /// sink knows where that is, under the former name: all that the log still has is published again.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while a relay owns the log, and those of [`PostgresStore::adopt`]; nothing was changed.
    pub async fn adopt_copy(&self) -> Result<Adoption, StoreError> {
        let pool = self.pool.clone();
        joined(tokio::spawn(async move { adopt::adopt_copy(&pool).await }).await)
    }
}

fn joined(adopted: Result<Result<Adoption, StoreError>, tokio::task::JoinError>) -> Result<Adoption, StoreError> {
    adopted.unwrap_or_else(|error| Err(StoreError::Database(sqlx::Error::Io(std::io::Error::other(error)))))
}

impl Store for PostgresStore {
    type Cursor = PostgresCursor;

    async fn acquire(&self, owner: Uuid, lease: Duration) -> Result<Acquired, StoreError> {
        let acquired = lease::acquire(&self.pool, owner, lease).await?;
        if let Acquired::Taken(_) = acquired {
            self.layout.refresh(&self.pool).await?;
        }
        if let Some(hints) = &self.hints {
            hints.locate(&self.pool).await;
        }
        Ok(acquired)
    }

    async fn load(&self, lease: &Lease) -> Result<Loaded<PostgresCursor>, StoreError> {
        error::name_standby(&self.pool, load::load(&self.pool, lease).await).await
    }

    async fn read(
        &self,
        lease: &Lease,
        cursor: &PostgresCursor,
        limit: usize,
    ) -> Result<Page<PostgresCursor>, StoreError> {
        let page = window::read(&self.pool, &self.layout, &self.low, lease, cursor, limit).await;
        error::name_standby(&self.pool, page).await
    }

    fn cursor_at(window: &PostgresCursor, position: i64) -> PostgresCursor {
        window.at(position)
    }

    async fn settle(&self, lease: &Lease, settle: Settle<PostgresCursor>) -> Result<(), StoreError> {
        error::name_standby(&self.pool, settle::settle(&self.pool, lease, settle).await).await
    }

    async fn prepare(
        &self,
        lease: &Lease,
        settle: Settle<PostgresCursor>,
        transaction: Option<i64>,
    ) -> Result<(), StoreError> {
        error::name_standby(&self.pool, settle::prepare(&self.pool, lease, settle, transaction).await).await
    }

    async fn recover(
        &self,
        lease: &Lease,
        position: Option<&Position<PostgresCursor>>,
    ) -> Result<Recovered<PostgresCursor>, StoreError> {
        error::name_standby(&self.pool, recover::recover(&self.pool, lease, position).await).await
    }

    async fn renew(&self, lease: &Lease, duration: Duration) -> Result<(), StoreError> {
        error::name_standby(&self.pool, lease::renew(&self.pool, lease, duration).await).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        error::name_standby(&self.pool, lease::release(&self.pool, lease).await).await
    }

    async fn make_room(&self, lease: &Lease) -> Result<u64, StoreError> {
        let Self { pool, layout, low, room, options, .. } = self;
        error::name_standby(pool, room::make_room(pool, layout, low, room, options, lease).await).await
    }

    async fn move_due(&self, lease: &Lease) -> Result<u64, StoreError> {
        error::name_standby(&self.pool, delayed::move_due(&self.pool, lease).await).await
    }

    async fn take_commands(&self, lease: &Lease) -> Result<Commands, StoreError> {
        error::name_standby(&self.pool, commands::take(&self.pool, lease).await).await
    }

    async fn skip(&self, lease: &Lease, position: i64) -> Result<bool, StoreError> {
        error::name_standby(&self.pool, commands::skip(&self.pool, lease, position).await).await
    }

    async fn parked(&self, after: i64, limit: usize) -> Result<Vec<ParkedView>, StoreError> {
        parked::page(&self.pool, after, limit).await
    }

    async fn overview(&self) -> Result<Overview, StoreError> {
        overview::overview(&self.pool).await
    }

    async fn lag(&self) -> Result<Lag, StoreError> {
        lag::lag(&self.pool).await
    }

    async fn mark(&self, ids: &[Uuid], mark: Mark) -> Result<u64, StoreError> {
        parked::mark(&self.pool, ids, mark).await
    }

    async fn wait(&self) {
        match &self.hints {
            Some(hints) => hints.wait().await,
            None => std::future::pending().await,
        }
    }
}
