//! Exactly-once: the sink's transactions, and the position in each (rules 13–16).
//!
//! ```text
//! begin ─▶ position ─▶ recover ─▶ running ─▶ prepare ─▶ commit ─▶ running …
//!                         └▶ elsewhere: commit the stored cursor as the first position, and recover by that
//! ```

use std::fmt;

use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::Shell;
use crate::relay::RelayError;
use crate::relay::machine::{Event, SettlePlan, StoreOp};
use crate::sink::{Class, Sink, SinkError, TransactionalSink};
use crate::store::{Lease, Position, Recovered, Store, StoreError};

/// The sink comes back with the answer.
pub(super) type Back<K, T> = BoxFuture<'static, (K, Result<T, SinkError>)>;

type Ask<K> = fn(K, Uuid) -> Back<K, Option<Vec<u8>>>;

/// What a sink with transactions can do: a relay without them takes any other sink too.
pub(in crate::relay) struct Calls<K> {
    pub(super) begin: fn(K, Uuid) -> Back<K, ()>,
    pub(super) position: Ask<K>,
    pub(super) commit: fn(K, Uuid, Vec<u8>) -> Back<K, ()>,
}

impl<K: TransactionalSink> Calls<K> {
    pub(in crate::relay) fn new() -> Self {
        Self {
            begin: |mut sink, log| {
                Box::pin(async move {
                    let result = sink.begin(log).await;
                    (sink, result)
                })
            },
            position: |mut sink, log| {
                Box::pin(async move {
                    let result = sink.position(log).await;
                    (sink, result)
                })
            },
            commit: |mut sink, log, position| {
                Box::pin(async move {
                    let result = sink.commit(log, &position).await;
                    (sink, result)
                })
            },
        }
    }
}

impl<K> fmt::Debug for Calls<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").finish_non_exhaustive()
    }
}

/// State for one owner of a log.
pub(super) struct Transactions<K, C> {
    pub(super) calls: Calls<K>,
    /// The position that the sink has committed last, or will have when `pending` is done.
    committed: Option<Position<C>>,
    /// The position under way.
    pending: Option<Position<C>>,
    /// The cursor that the database has, or is getting, for the transaction under way. An empty read meanwhile may move the
    /// end of the log's pages on, to a snapshot that a crash could take back: that one must not reach the sink (rule 15).
    prepared: Option<C>,
    /// A settle that waits until no row is being removed: what a position needs again must not go.
    waiting: Option<SettlePlan>,
}

impl<K, C> Transactions<K, C> {
    pub(super) fn new(calls: Calls<K>) -> Self {
        Self { calls, committed: None, pending: None, prepared: None, waiting: None }
    }

    pub(super) fn forget(&mut self) {
        (self.committed, self.pending, self.prepared, self.waiting) = (None, None, None, None);
    }

    /// Number of the next transaction.
    fn next(&self) -> i64 {
        self.committed.as_ref().map_or(0, |position| position.transaction) + 1
    }
}

impl<S: Store, K: Sink> Shell<S, K> {
    /// A new producer that nobody before can commit beside.
    pub(super) fn begin(&mut self, lease: Lease) {
        if let Some(begin) = self.transactions.as_ref().map(|transactions| transactions.calls.begin) {
            self.sink.rebuild_by(move |sink| begin(sink, lease.log));
        }
    }

    /// The load of exactly-once starts at the sink.
    pub(super) fn ask_position(&mut self, lease: Lease) {
        if let Some(position) = self.transactions.as_ref().map(|transactions| transactions.calls.position) {
            self.sink.position_by(move |sink| position(sink, lease.log));
        }
    }

    pub(super) fn position_answered(&mut self, answer: Result<Option<Vec<u8>>, SinkError>) -> Result<(), RelayError> {
        let (Some(lease), Some(transactions)) = (self.lease, &mut self.transactions) else { return Ok(()) };
        match answer {
            Ok(position) => {
                let position = position.map(|bytes| serde_json::from_slice::<Position<S::Cursor>>(&bytes)).transpose();
                let position = position.map_err(|error| StoreError::Damaged {
                    what: format!("the sink's position of log {} cannot be read ({error})", lease.log),
                })?;
                if let Some(position) = &position {
                    position.check_home(lease.home)?;
                }
                transactions.committed.clone_from(&position);
                self.tasks.recover(lease, position);
            }
            Err(error) => self.aborted(error),
        }
        Ok(())
    }

    pub(super) fn recovered(&mut self, recovered: Result<Recovered<S::Cursor>, StoreError>) -> Result<(), RelayError> {
        let Some(transactions) = &mut self.transactions else { return Ok(()) };
        match recovered {
            Ok(Recovered::Loaded(loaded)) => self.loaded(loaded),
            Ok(Recovered::Elsewhere(cursor)) => {
                let transaction = transactions.next();
                tracing::info!(transaction, "this log is relayed exactly once from here on");
                self.commit_position(cursor, Vec::new());
            }
            Err(error) => self.failed(StoreOp::Load, error)?,
        }
        Ok(())
    }

    /// Rule 15: written before the sink commits. Rows that are being removed right now are waited for.
    pub(super) fn prepare(&mut self, lease: Lease, plan: SettlePlan) {
        let settle = self.settle(&plan);
        let Some(transactions) = &mut self.transactions else { return };
        if self.room.is_running() {
            transactions.waiting = Some(plan);
            return;
        }
        let transaction = (!plan.last).then(|| transactions.next());
        transactions.prepared.clone_from(&settle.cursor);
        self.settling = Some(plan);
        self.tasks.prepare(lease, settle, transaction);
    }

    /// No row is being removed any more.
    pub(super) fn prepare_waiting(&mut self) {
        let waiting = self.transactions.as_mut().and_then(|transactions| transactions.waiting.take());
        if let (Some(plan), Some(lease)) = (waiting, self.lease) {
            self.prepare(lease, plan);
        }
    }

    pub(super) fn commit(&mut self, plan: &SettlePlan) {
        let Some(transactions) = &self.transactions else { return };
        let committed = transactions.committed.as_ref().map(|position| &position.cursor);
        let cursor = transactions.prepared.as_ref().or(committed).cloned();
        let rows = plan.list.iter().filter_map(|seq| self.pages.position(*seq)).collect();
        if let Some(cursor) = cursor {
            self.commit_position(cursor, rows);
        }
    }

    /// Commits the next position.
    fn commit_position(&mut self, cursor: S::Cursor, rows: Vec<i64>) {
        let (Some(lease), Some(transactions)) = (self.lease, &mut self.transactions) else { return };
        let position = Position { transaction: transactions.next(), cursor, rows, home: lease.home };
        let commit = transactions.calls.commit;
        let bytes = match serde_json::to_vec(&position) {
            Ok(bytes) => bytes,
            Err(error) => return self.aborted(SinkError::new(Class::Fatal, format!("encoding a position: {error}"))),
        };
        transactions.pending = Some(position);
        self.asked = None;
        self.sink.commit_by(move |sink| commit(sink, lease.log, bytes));
    }

    pub(super) fn commit_answered(&mut self, answer: Result<(), SinkError>) {
        let (Some(lease), Some(transactions)) = (self.lease, &mut self.transactions) else { return };
        match answer {
            Ok(()) => {
                transactions.committed = transactions.pending.take();
                if self.settling.is_some() {
                    self.meter.flush();
                    self.settled(Event::Committed);
                } else {
                    // The first position of this log.
                    self.tasks.recover(lease, transactions.committed.clone());
                }
            }
            Err(error) => self.aborted(error),
        }
    }

    /// The memory is worth nothing any more, but the log is still ours: as after a take-over, without one.
    fn aborted(&mut self, error: SinkError) {
        // In a stop that is overdue the answer matters to nobody; that of the release does.
        if !self.machine.can_go_back() {
            return;
        }
        match error.class {
            Class::Outage | Class::Topic => self.note_outage(None, error.message),
            _ => {
                tracing::warn!(error = %error.message, "the transaction is begun anew, from the position that was committed")
            }
        }
        self.forget();
        self.machine.handle(self.now(), Event::Aborted(error.class));
    }
}
