//! What store operations gave, as the machine knows it.

use super::tasks::Done;
use super::{Delayed, Room, Shell};
use crate::relay::RelayError;
use crate::relay::machine::{Event, Seq, StoreOp};
use crate::sink::Sink;
use crate::store::{Acquired, Commands, ParkedState, Store, StoreError};

impl<S: Store, K: Sink> Shell<S, K> {
    pub(super) fn outcome(&mut self, done: Done<S::Cursor>) -> Result<(), RelayError> {
        let now = self.now();
        if done.is_ok() {
            self.database = None;
        }
        match done {
            Done::Acquired { started, result: Ok(Acquired::Taken(lease)) } => {
                tracing::info!(epoch = lease.epoch, "this relay owns the log now");
                self.lease = Some(lease);
                self.messages.set_epoch(lease.epoch);
                self.machine.handle(now, Event::Acquired { until: started + self.config.lease });
            }
            Done::Acquired { result: Ok(Acquired::Held { remaining }), .. } => {
                self.machine.handle(now, Event::Held { remaining });
            }
            Done::Loaded(Ok(loaded)) => self.loaded(loaded),
            Done::Read(Ok(page)) => {
                self.meter.read_ended();
                self.page(page);
            }
            Done::Recovered(recovered) => self.recovered(recovered)?,
            // It counts once the sink has committed.
            Done::Settled(Ok(())) if self.transactions.is_some() && !self.is_last() => {
                self.machine.handle(now, Event::Settled);
            }
            Done::Settled(Ok(())) => self.settled(Event::Settled),
            Done::Renewed { started, result: Ok(()) } => {
                self.machine.handle(now, Event::Renewed { until: started + self.config.lease });
            }
            Done::Released(Ok(())) => self.machine.handle(now, Event::Released),
            Done::Room(Ok(removed)) => {
                self.room.removed(now, removed);
                self.prepare_waiting();
            }
            Done::Moved(Ok(moved)) => {
                self.delayed.moved(now, Some(moved));
                if moved > 0 {
                    self.machine.handle(now, Event::Wake);
                }
            }
            Done::Commands(Ok(commands)) => self.commanded(commands),
            Done::Skipped { seq, result: Ok(gone) } => {
                if gone {
                    tracing::info!(position = self.pages.position(seq), "a parked record was skipped by command");
                    self.pages.remove_row(seq);
                    self.causes.remove(&seq);
                    self.row_is_gone(seq);
                }
                self.machine.handle(now, Event::Skipped { seq, gone });
            }
            Done::Commands(Err(error)) | Done::Skipped { result: Err(error), .. } => {
                self.failed(StoreOp::Command, error)?;
            }
            Done::Acquired { result: Err(error), .. } => self.failed(StoreOp::Acquire, error)?,
            Done::Loaded(Err(error)) => self.failed(StoreOp::Load, error)?,
            Done::Read(Err(error)) => self.failed(StoreOp::Read, error)?,
            Done::Settled(Err(error)) => self.failed(StoreOp::Settle, error)?,
            Done::Renewed { result: Err(error), .. } => self.failed(StoreOp::Renew, error)?,
            Done::Released(Err(error)) => {
                tracing::warn!(%error, "the lease could not be given back; another relay takes the log when it ends");
                self.machine.handle(now, Event::StoreFailed(StoreOp::Release));
            }
            Done::Room(Err(error)) => {
                self.room.failed(now);
                if is_fence(&error) {
                    self.fenced(&error);
                } else {
                    tracing::warn!(%error, "settled rows could not be removed; it is tried again");
                    self.prepare_waiting();
                }
            }
            Done::Moved(Err(error)) => {
                self.delayed.moved(now, None);
                if is_fence(&error) {
                    self.fenced(&error);
                } else {
                    tracing::warn!(%error, "delayed records that are due could not be moved; it is tried again");
                }
            }
        }
        Ok(())
    }

    /// Whether this is the last settle of an orderly stop of exactly-once delivery.
    fn is_last(&self) -> bool {
        self.settling.as_ref().is_some_and(|plan| plan.last)
    }

    /// What the plan says is true now: the machine hears it by `event`.
    pub(super) fn settled(&mut self, event: Event<'_>) {
        if let Some(plan) = self.settling.take() {
            for (seq, state) in &plan.park {
                self.causes.remove(seq);
                if let Some((record, lane)) = self.pages.get(*seq) {
                    let record = record.clone();
                    let waits = *state == ParkedState::Auto && self.machine.waits(*seq);
                    if waits {
                        self.waiting.push(&record.topic, *seq);
                    }
                    self.pages.add_row(*seq, record, Some(lane).filter(|_| !waits), *state == ParkedState::Auto);
                }
                if *state == ParkedState::Failed {
                    self.row_is_gone(*seq);
                }
            }
            for seq in &plan.unpark {
                self.pages.remove_row(*seq);
            }
            for seq in &plan.list {
                self.pages.drop_payload(*seq);
            }
        }
        self.machine.handle(self.now(), event);
        let settled = self.machine.settled_end();
        self.pages.settle(settled);
        // What was said about records that went well in the end.
        if !self.causes.is_empty() {
            let pages = &self.pages;
            self.causes.retain(|seq, _| *seq >= settled || pages.row(*seq).is_some());
        }
    }

    /// A row does not wait for its topic any more; with its last one nobody asks for that topic.
    fn row_is_gone(&mut self, seq: Seq) {
        if let Some(topic) = self.waiting.remove(seq) {
            self.topics.forget(&topic);
        }
    }

    /// Rows that are tried again have their payload in memory from here on, and get their partition anew.
    fn commanded(&mut self, commands: Commands) {
        let skip: Vec<Seq> = commands.skip.iter().filter_map(|position| self.pages.seq_of(*position)).collect();
        let mut retried = Vec::with_capacity(commands.retried.len());
        for record in commands.retried {
            let Some(seq) = self.pages.seq_of(record.position) else { continue };
            if self.pages.row(seq).is_some() {
                // On its way since an earlier take.
                continue;
            }
            if self.pages.rows_bytes > super::ROWS_BYTES_MAX {
                // It comes again with a later take.
                break;
            }
            tracing::info!(position = record.position, "a parked record is tried again by command");
            self.waiting.push(&record.topic, seq);
            self.pages.add_row(seq, record, None, true);
            retried.push(seq);
        }
        self.machine.handle(self.now(), Event::Commands { retried: &retried, skip: &skip });
        self.again |= !retried.is_empty();
    }

    pub(super) fn failed(&mut self, op: StoreOp, error: StoreError) -> Result<(), RelayError> {
        if is_fence(&error) {
            self.fenced(&error);
            return Ok(());
        }
        if !error.is_transient() {
            return Err(RelayError::Store(error));
        }
        tracing::warn!(?op, %error, "the outbox database is away or busy; it is tried again, nothing is lost");
        self.database = Some(error.to_string());
        self.settling = self.settling.take().filter(|_| op != StoreOp::Settle);
        self.machine.handle(self.now(), Event::StoreFailed(op));
        Ok(())
    }

    /// Rule 2: all memory goes; answers of what still runs are ignored.
    fn fenced(&mut self, error: &StoreError) {
        tracing::warn!(%error, "this relay lost the log; it drops its memory and stands by");
        self.meter.lease_lost();
        self.lease = None;
        self.forget();
        self.machine.handle(self.now(), Event::Fenced);
    }

    /// Drops what is known of the log; answers of what still runs are ignored.
    pub(super) fn forget(&mut self) {
        self.tasks.generation += 1;
        self.pages = super::Pages::new();
        self.intake = None;
        self.waiting.clear();
        self.lost.clear();
        self.queue.clear();
        self.answers.clear();
        self.causes.clear();
        self.settling = None;
        self.room = Room::default();
        self.delayed = Delayed::default();
        if let Some(transactions) = &mut self.transactions {
            transactions.forget();
        }
    }
}

/// A silent operation may still be carried out, at any time: only a new epoch keeps it from that.
fn is_fence(error: &StoreError) -> bool {
    matches!(error, StoreError::Fenced | StoreError::IncarnationChanged | StoreError::Silent { .. })
}
