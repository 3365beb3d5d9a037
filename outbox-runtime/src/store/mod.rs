//! Where records are kept: the relay's side of a log, behind one trait.
//!
//! Fourth station: [`transaction`](crate::transaction) inserts records, a [`Store`] hands them to the relay in order.
//! A store knows neither the relay nor a sink. Every implementation passes the same conformance suite.

use std::future::Future;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

mod error;
mod home;
pub mod memory;
mod overview;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use error::StoreError;
pub use home::Home;
pub use memory::MemoryStore;
pub use overview::{Lag, Overview};
#[cfg(feature = "postgres")]
pub use postgres::{Adoption, Listener, PostgresStore, PostgresStoreBuilder};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;

/// A page ends early once its records have this many bytes: a limit in records alone says nothing about memory.
pub(crate) const PAGE_BYTES_MAX: usize = 16 << 20;

/// A record read from a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// Place in the log; unique, ascending inside one window.
    pub position: i64,
    /// Identity for deduplication.
    pub id: Uuid,
    /// Kafka topic.
    pub topic: String,
    /// Kafka key.
    pub key: Option<Vec<u8>>,
    /// Encoded headers, see [`Headers`](crate::record::Headers).
    pub headers: Vec<u8>,
    /// Payload; `None` is a tombstone.
    pub payload: Option<Vec<u8>>,
}

impl StoredRecord {
    /// What it weighs in a page.
    pub(crate) fn bytes(&self) -> usize {
        let length = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, Vec::len);
        length(&self.key) + self.headers.len() + length(&self.payload)
    }
}

/// The right to relay one log, as granted by [`Store::acquire`]. Safe by epoch, token and incarnation; never by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Grows by one with every take-over.
    pub epoch: i64,
    /// Token of this owner, new for every take-over.
    pub owner: Uuid,
    /// Incarnation of the server's memory (PostgreSQL: an UNLOGGED row); [`Uuid::nil`] where a store has none.
    pub incarnation: Uuid,
    /// Identity of the log, the same for ever: its transactions in a sink go by this name.
    pub log: Uuid,
    /// The database that the log is in, where a store can tell it from a copy.
    pub home: Option<Home>,
}

/// Answer of [`Store::acquire`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acquired {
    /// The log is ours.
    Taken(Lease),
    /// Another relay has it, for this long if it does not renew.
    Held {
        /// Time until the lease ends by the database's clock.
        remaining: Duration,
    },
}

/// Why a record is in the parked table (`relay.md` rule 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParkedState {
    /// The broker or the pre-check said that this record can never be sent.
    Failed,
    /// It follows an unfinished record of its key, or waits for a topic; it is sent by itself when that ends.
    Auto,
}

/// A row of the parked table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedRecord {
    /// The record, at its position of the log.
    pub record: StoredRecord,
    /// Why it is here.
    pub state: ParkedState,
    /// For people: what the broker or the pre-check said.
    pub cause: String,
}

/// What an operator asks for a parked record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Try a failed record again, by itself.
    Retry,
    /// Give the record up, so that those behind it flow. An earlier copy may have been sent all the same.
    Skip,
}

impl ParkedState {
    /// As it is stored, and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Auto => "auto",
        }
    }

    /// What is stored as `text`.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(crate) fn stored(text: &str) -> Result<Self, StoreError> {
        let known = [Self::Failed, Self::Auto].into_iter().find(|state| state.as_str() == text);
        known.ok_or_else(|| StoreError::Damaged { what: format!("outbox_parked has the state `{text}`") })
    }
}

impl Mark {
    /// As it is stored, and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Skip => "skip",
        }
    }
}

/// A parked record as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedView {
    /// The record, why it is here, and what was said about it.
    pub parked: ParkedRecord,
    /// When it was parked, by the database's clock.
    pub since: SystemTime,
    /// A command that is not executed yet.
    pub mark: Option<Mark>,
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
impl ParkedView {
    /// Of a row: `since` in seconds since 1970, `mark` as stored (the table allows no other words).
    pub(crate) fn stored(parked: ParkedRecord, since: f64, mark: Option<&str>) -> Self {
        let since = SystemTime::UNIX_EPOCH + Duration::try_from_secs_f64(since).unwrap_or_default();
        let mark = mark.map(|mark| if mark == Mark::Skip.as_str() { Mark::Skip } else { Mark::Retry });
        Self { parked, since, mark }
    }
}

/// Commands that the owner has taken.
#[derive(Debug, Clone, Default)]
pub struct Commands {
    /// Records that had failed and are automatic now, as long as they are parked; a bounded number, in position order.
    pub retried: Vec<StoredRecord>,
    /// Positions of all rows that are to be skipped.
    pub skip: Vec<i64>,
}

/// What a new owner starts from: cursor and parked table, read in one snapshot after the lease was taken.
#[derive(Debug, Clone)]
pub struct Loaded<C> {
    /// The stored cursor.
    pub cursor: C,
    /// All parked rows in position order.
    pub parked: Vec<ParkedRecord>,
}

/// Some records in log order.
#[derive(Debug, Clone)]
pub struct Page<C> {
    /// The records; at most the limit asked for.
    pub records: Vec<StoredRecord>,
    /// Cursor of the window these records belong to; [`Store::cursor_at`] moves it to a record's position.
    pub window: C,
    /// Where the next read continues; also the cursor to settle once all `records` and all before are decided.
    pub end: C,
    /// Whether another read right now is likely to find more.
    pub more: bool,
}

/// One settle: a single transaction, conditional on the lease.
#[derive(Debug, Clone)]
pub struct Settle<C> {
    /// New cursor: the end of the decided prefix. `None` leaves it where it is.
    pub cursor: Option<C>,
    /// Rows to insert into the parked table, all of them inside the decided prefix.
    pub park: Vec<ParkedRecord>,
    /// Positions of acknowledged rows to delete from the parked table.
    pub unpark: Vec<i64>,
}

/// Exactly-once: where a log stands, committed by the sink in one transaction with what it says was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position<C> {
    /// Number of the sink's transaction, ascending.
    pub transaction: i64,
    /// Everything before it is sent or parked.
    pub cursor: C,
    /// Positions of parked rows that were sent in this transaction.
    pub rows: Vec<i64>,
    /// The database that wrote it. `None` says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Home>,
}

impl<C> Position<C> {
    /// Whether a log whose cursor was written for transaction `stored` can have it: the database goes first, by one.
    pub(crate) fn can_belong_to(&self, stored: i64) -> bool {
        stored == self.transaction || stored == self.transaction.saturating_add(1)
    }

    /// Refuses a position that was written from another database: a copy of a log goes by the same name.
    pub(crate) fn check_home(&self, here: Option<Home>) -> Result<(), StoreError> {
        match (self.home, here) {
            (Some(origin), Some(here)) if origin != here => Err(StoreError::Copy { origin, here }),
            _ => Ok(()),
        }
    }
}

/// Answer of [`Store::recover`].
#[derive(Debug, Clone)]
pub enum Recovered<C> {
    /// The database is where the position is.
    Loaded(Loaded<C>),
    /// The log was not relayed exactly once before, so that its stored cursor counts: here. Commit a position that says so,
    /// and recover by that. Nothing was written.
    Elsewhere(C),
}

/// A log as its relay sees it.
///
/// No method's future is cancel-safe unless it says so: drive it to its end. Only one that answers nothing for very long may
/// be dropped, and the log must be acquired anew after that.
pub trait Store: Send + Sync + 'static {
    /// Where a relay stands in this store's logs.
    type Cursor: Clone + std::fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// Takes the log if its lease is free, ended, or already `owner`'s; commits synchronously. Time is the database's.
    ///
    /// # Errors
    /// [`StoreError`].
    fn acquire(&self, owner: Uuid, lease: Duration) -> impl Future<Output = Result<Acquired, StoreError>> + Send;

    /// Cursor and parked table in one snapshot. Call it after [`Store::acquire`], never before.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease is no longer ours; [`StoreError::ExactlyOnce`] when the stored cursor may be ahead
    /// of what was sent, because the log is relayed exactly once.
    fn load(&self, lease: &Lease) -> impl Future<Output = Result<Loaded<Self::Cursor>, StoreError>> + Send;

    /// Reads up to `limit` records after `cursor`, fewer where they are large. Needs no fence, but notices a changed incarnation.
    ///
    /// # Errors
    /// [`StoreError::IncarnationChanged`]: drop all memory and acquire again.
    fn read(
        &self,
        lease: &Lease,
        cursor: &Self::Cursor,
        limit: usize,
    ) -> impl Future<Output = Result<Page<Self::Cursor>, StoreError>> + Send;

    /// The cursor that says "in this window, everything up to `position` is settled".
    fn cursor_at(window: &Self::Cursor, position: i64) -> Self::Cursor;

    /// Settles in one fenced transaction.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease is no longer ours; nothing was written then.
    fn settle(
        &self,
        lease: &Lease,
        settle: Settle<Self::Cursor>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Exactly-once: settles for `transaction` of the sink, which is to be committed next, and commits synchronously. Until
    /// the next [`Store::recover`] the stored cursor counts only together with the sink's position. `None`: the sink has
    /// committed everything, and the stored cursor is the truth again.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease is no longer ours; nothing was written then.
    fn prepare(
        &self,
        lease: &Lease,
        settle: Settle<Self::Cursor>,
        transaction: Option<i64>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Exactly-once: takes the log back to the `position` that the sink committed last, and loads it: parked rows that are
    /// listed there go, and so do those written for a later transaction. Commits synchronously. Call it instead of
    /// [`Store::load`], after everybody else was kept from committing to the sink.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease is no longer ours; [`StoreError::PositionLost`] when the position cannot be
    /// that of this log.
    fn recover(
        &self,
        lease: &Lease,
        position: Option<&Position<Self::Cursor>>,
    ) -> impl Future<Output = Result<Recovered<Self::Cursor>, StoreError>> + Send;

    /// Extends the lease to `duration` from now.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease is no longer ours.
    fn renew(&self, lease: &Lease, duration: Duration) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Gives the log back, so that another relay takes it at once. A lease that is not ours any more is left alone.
    ///
    /// # Errors
    /// [`StoreError`].
    fn release(&self, lease: &Lease) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Removes rows that the *stored* cursor has passed, in a bounded time; about how many, 0 when none is left that may go.
    ///
    /// # Errors
    /// [`StoreError`].
    fn make_room(&self, lease: &Lease) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Moves a bounded number of delayed records that are due into the log, those due first in front; the number moved.
    /// A record is in one of the two at any time.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease is no longer ours; nothing was moved then.
    fn move_due(&self, lease: &Lease) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Takes the commands of operators: a bounded number of failed rows marked for retry become automatic ones in this
    /// transaction, and when there are no more, those are named again that are neither acknowledged nor failed yet; rows
    /// marked to be skipped are only named.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease is no longer ours; nothing was taken then.
    fn take_commands(&self, lease: &Lease) -> impl Future<Output = Result<Commands, StoreError>> + Send;

    /// Takes a row that is still marked to be skipped out of the parked table and into the audit; commits synchronously.
    /// Whether the row is gone: `false` means that the mark was taken back.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease is no longer ours; nothing was written then.
    fn skip(&self, lease: &Lease, position: i64) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// For operators: parked records behind position `after`, in position order, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn parked(&self, after: i64, limit: usize) -> impl Future<Output = Result<Vec<ParkedView>, StoreError>> + Send;

    /// For operators: the log at a glance.
    ///
    /// # Errors
    /// [`StoreError`].
    fn overview(&self) -> impl Future<Output = Result<Overview, StoreError>> + Send;

    /// How far publishing is behind, for metrics: cheap, no row is counted, and no lease is needed.
    ///
    /// # Errors
    /// [`StoreError`].
    fn lag(&self) -> impl Future<Output = Result<Lag, StoreError>> + Send {
        async {
            let Overview { backlog_records, oldest_pending, .. } = self.overview().await?;
            Ok(Lag { backlog_records, oldest_pending })
        }
    }

    /// For operators: marks parked records by their ids; the last mark wins until the owner of the log executes it. The
    /// number of rows marked: rows that are gone, and automatic ones when `mark` is [`Mark::Retry`], are not.
    ///
    /// # Errors
    /// [`StoreError`].
    fn mark(&self, ids: &[Uuid], mark: Mark) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// A hint that there may be something to read; returns when there is one. Cancel-safe. Never returns by default:
    /// the relay polls.
    fn wait(&self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }
}
