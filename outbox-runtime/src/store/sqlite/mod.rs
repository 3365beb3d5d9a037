//! The SQLite store: a log in one file, read by position.
//!
//! SQLite has one writer at a time, so the order of positions is the order of commits, and the cursor is a position.
//! `read` gets records, `lease` says who may settle, `settle` moves the cursor, `room` deletes, `changes` notices commits
//! of other processes. Nothing lives in memory that a crash could make wrong: what SQLite loses with the machine, it loses
//! from the end, and every process that knew more is gone too. So there is no incarnation.

use std::time::Duration;

use sqlx::SqlitePool;
use uuid::Uuid;

use super::{
    Acquired, Commands, Lag, Lease, Loaded, Mark, Overview, Page, ParkedView, Position, Recovered, Settle, Store,
    StoreError,
};

mod changes;
mod commands;
mod delayed;
mod error;
mod lag;
mod lease;
mod load;
mod overview;
mod parked;
mod read;
mod recover;
mod room;
mod row;
mod settle;
mod shield;

/// A log in a SQLite database: the tables of `outbox::migrate`.
///
/// Use WAL (`journal_mode`), so that the relay's reads and the handlers' writes do not stop each other. One store serves one
/// relay; it holds one connection beside the pool. `make_room` leaves free pages in the file that new records use.
#[derive(Debug)]
pub struct SqliteStore {
    pool: SqlitePool,
    changes: changes::Changes,
}

impl SqliteStore {
    /// A store on `pool`. Nothing is read until [`Store::acquire`].
    pub fn new(pool: SqlitePool) -> Self {
        let changes = changes::Changes::new(pool.connect_options());
        Self { pool, changes }
    }
}

impl Store for SqliteStore {
    /// Everything at or below this position is decided.
    type Cursor = i64;

    async fn acquire(&self, owner: Uuid, lease: Duration) -> Result<Acquired, StoreError> {
        lease::acquire(&self.pool, owner, lease).await
    }

    async fn load(&self, lease: &Lease) -> Result<Loaded<i64>, StoreError> {
        load::load(&self.pool, lease).await
    }

    async fn read(&self, _lease: &Lease, cursor: &i64, limit: usize) -> Result<Page<i64>, StoreError> {
        // Before the rows: what is committed from here on makes `wait` return.
        self.changes.note().await?;
        read::read(&self.pool, *cursor, limit).await
    }

    fn cursor_at(_window: &i64, position: i64) -> i64 {
        position
    }

    async fn settle(&self, lease: &Lease, settle: Settle<i64>) -> Result<(), StoreError> {
        settle::settle(&self.pool, lease, settle).await
    }

    async fn prepare(&self, lease: &Lease, settle: Settle<i64>, transaction: Option<i64>) -> Result<(), StoreError> {
        settle::prepare(&self.pool, lease, settle, transaction).await
    }

    async fn recover(&self, lease: &Lease, position: Option<&Position<i64>>) -> Result<Recovered<i64>, StoreError> {
        recover::recover(&self.pool, lease, position).await
    }

    async fn renew(&self, lease: &Lease, duration: Duration) -> Result<(), StoreError> {
        lease::renew(&self.pool, lease, duration).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        lease::release(&self.pool, lease).await
    }

    async fn make_room(&self, lease: &Lease) -> Result<u64, StoreError> {
        room::make_room(&self.pool, lease).await
    }

    async fn move_due(&self, lease: &Lease) -> Result<u64, StoreError> {
        delayed::move_due(&self.pool, lease).await
    }

    async fn take_commands(&self, lease: &Lease) -> Result<Commands, StoreError> {
        commands::take(&self.pool, lease).await
    }

    async fn skip(&self, lease: &Lease, position: i64) -> Result<bool, StoreError> {
        commands::skip(&self.pool, lease, position).await
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
        self.changes.wait().await;
    }
}
