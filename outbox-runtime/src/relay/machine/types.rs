//! What goes into the machine and what comes out: plain data, no payloads.
//!
//! The shell translates stores and sinks into [`Event`]s and carries out [`Action`]s; so does the simulator.

use std::time::Duration;

use crate::sink::Class;
use crate::store::ParkedState;

/// Number of a record in reading order, given by the machine: rows of the parked table first, then the log.
pub type Seq = u64;

/// A record of the log as the machine knows it.
#[derive(Debug, Clone, Copy)]
pub struct Input {
    /// Dense number of (topic, partition).
    pub lane: u32,
    /// Hash of (topic, key); `None` for a null key. A collision only makes a record wait for another one.
    pub key: Option<u64>,
    /// Size of the message in bytes.
    pub bytes: u32,
    /// The pre-check said that this record can never be sent.
    pub refused: bool,
    /// Its topic is away: it waits in the table.
    pub waits: bool,
    /// Send it only when nothing is in flight: its topic's partitions have changed, so equal keys may have moved.
    pub barrier: bool,
}

/// A row of the parked table as the machine knows it; in position order.
#[derive(Debug, Clone, Copy)]
pub struct RowInput {
    /// As in [`Input`].
    pub key: Option<u64>,
    /// Why it is parked.
    pub state: ParkedState,
    /// Its lane, where known already; otherwise [`Event::RowLane`] follows.
    pub lane: Option<u32>,
}

/// A store operation that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreOp {
    /// Taking the lease.
    Acquire,
    /// Loading cursor and parked table.
    Load,
    /// Reading.
    Read,
    /// Settling.
    Settle,
    /// Extending the lease.
    Renew,
    /// Giving the lease back.
    Release,
    /// Taking commands about parked rows, or executing one.
    Command,
}

/// What happened.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// The log is ours until then.
    Acquired {
        /// End of the lease, counted from before the request.
        until: Duration,
    },
    /// Another relay has the log.
    Held {
        /// For this long.
        remaining: Duration,
    },
    /// The parked table, read after the lease was taken.
    Loaded(&'a [RowInput]),
    /// The lane of a parked row is known now.
    RowLane(Seq, u32),
    /// The topic of these lanes is away, and nothing is in flight: their records wait in the table, and its rows for a
    /// lane.
    LanesAway(&'a [u32]),
    /// Records of the log; a page may come in several pieces.
    Read {
        /// The piece.
        records: &'a [Input],
        /// Last piece of its page.
        done: bool,
        /// Another read right now is likely to find more.
        more: bool,
    },
    /// Answers of the sink.
    Delivered(&'a [(Seq, Result<(), Class>)]),
    /// The settle is committed.
    Settled,
    /// Exactly-once: the sink has committed the transaction.
    Committed,
    /// Exactly-once: it has not, or nobody knows, or it could not say where this log stands.
    Aborted(Class),
    /// The lease was extended.
    Renewed {
        /// End of the lease, counted from before the request.
        until: Duration,
    },
    /// Commands about rows of the table: these failed ones are automatic now and are tried again, alone; those are to
    /// be skipped.
    Commands {
        /// To be tried again.
        retried: &'a [Seq],
        /// To be skipped; all that are asked for at this time.
        skip: &'a [Seq],
    },
    /// The skip is committed; or the row is not to be skipped any more.
    Skipped {
        /// The row.
        seq: Seq,
        /// Whether it is gone.
        gone: bool,
    },
    /// The lease was given back.
    Released,
    /// The new producer is there, with a transaction begun where [`Action::Begin`] asked for one; or it could not be made.
    Rebuilt(Result<(), Class>),
    /// A store operation failed in a way that waiting may help.
    StoreFailed(StoreOp),
    /// Another relay owns the log, or the server lost its memory: drop everything.
    Fenced,
    /// There may be something to read.
    Wake,
    /// Stop in an orderly way.
    Shutdown,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Take the lease; `fresh` asks for a new owner token.
    Acquire {
        /// First attempt of this candidacy.
        fresh: bool,
    },
    /// Load cursor and parked table. Exactly-once: read the position first, and take the database back to it (rule 13).
    Load,
    /// Read the next page.
    Read {
        /// Most records to read.
        limit: usize,
    },
    /// Drop the producer and everything not sent yet; make a new one.
    Rebuild,
    /// Settle in one transaction; exactly-once: synchronously.
    Settle(SettlePlan),
    /// Exactly-once: [`Action::Rebuild`], and begin a transaction. It fences all earlier producers of this log and ends
    /// their transactions.
    Begin,
    /// Exactly-once: put the position into the transaction, and commit it.
    Commit(SettlePlan),
    /// Take the commands about parked rows.
    Command,
    /// Take a row out of the table for good, in one transaction with its audit.
    Skip(Seq),
    /// Extend the lease.
    Renew,
    /// Give the lease back.
    Release,
    /// Done.
    Stop,
}

/// Content of one settle (rule 8).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettlePlan {
    /// End of the decided prefix: every record of the log below is decided.
    pub upto: Seq,
    /// Whether `upto` is beyond what is settled.
    pub advances: bool,
    /// Rows to write.
    pub park: Vec<(Seq, ParkedState)>,
    /// Rows to delete: acknowledged ones. Exactly-once: those that the position committed last lists.
    pub unpark: Vec<Seq>,
    /// Exactly-once: rows sent in this transaction, which its position lists.
    pub list: Vec<Seq>,
    /// Exactly-once: no transaction belongs to it; the stored cursor is the truth again.
    pub last: bool,
}

/// Limits and intervals.
#[derive(Debug, Clone)]
pub struct Config {
    /// Everything sent travels in transactions of the sink.
    pub exactly_once: bool,
    /// Lease duration; renewed at a third.
    pub lease: Duration,
    /// Window W: records of the log sent and not settled.
    pub window_records: u64,
    /// The same in bytes.
    pub window_bytes: u64,
    /// Slots V: rows of the parked table in flight.
    pub table_slots: usize,
    /// Largest page in records.
    pub page_records: usize,
    /// Longest poll interval when idle.
    pub poll_max: Duration,
    /// Shortest time between two settles while busy.
    pub settle_interval: Duration,
    /// Time between two looks for commands while there are parked rows.
    pub command_interval: Duration,
    /// How long a shutdown waits for acknowledgements and settles, and a rejection for other partitions.
    pub drain: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            exactly_once: false,
            lease: Duration::from_secs(10),
            window_records: 32_768,
            window_bytes: 64 << 20,
            table_slots: 256,
            page_records: 4_096,
            poll_max: Duration::from_millis(50),
            settle_interval: Duration::from_millis(20),
            command_interval: Duration::from_secs(1),
            drain: Duration::from_secs(15),
        }
    }
}
