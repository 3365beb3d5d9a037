//! A log, a cursor, a parked table and a lease; settles may be lost in a crash, the lease and the log are not.

use std::collections::{BTreeMap, BTreeSet};

use outbox_runtime::relay::machine::Mutations;
use outbox_runtime::store::ParkedState;

use crate::broker::Position;

/// One record of the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record {
    pub(crate) lane: u32,
    pub(crate) key: Option<u64>,
    /// The broker refuses every batch that holds it.
    pub(crate) poison: bool,
    /// The pre-check refuses it.
    pub(crate) oversize: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) epoch: u64,
    pub(crate) token: u64,
    pub(crate) incarnation: u64,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Meta {
    pub(crate) cursor: usize,
    pub(crate) parked: BTreeMap<usize, ParkedState>,
    /// Exactly-once: the sink's transaction that the cursor was written for; `None`: the cursor itself is the truth.
    pub(crate) transaction: Option<u64>,
    /// The same for rows.
    parked_in: BTreeMap<usize, u64>,
    /// Commands: whether the row is to be skipped, or else tried again.
    pub(crate) marks: BTreeMap<usize, bool>,
    /// Taken out by command.
    pub(crate) skipped: BTreeSet<usize>,
    epoch: u64,
    token: Option<u64>,
    until_ms: u64,
}

#[derive(Debug, Clone)]
pub(crate) enum Op {
    Acquire {
        token: u64,
        lease_ms: u64,
    },
    Load(Lease),
    Read {
        lease: Lease,
        from: usize,
        limit: usize,
    },
    Settle {
        lease: Lease,
        cursor: Option<usize>,
        park: Vec<(usize, ParkedState)>,
        unpark: Vec<usize>,
        kind: Kind,
    },
    /// Rule 13: back to the position.
    Recover {
        lease: Lease,
        position: Option<Position>,
    },
    /// Of the broker: a producer's `init_transactions`, the committed position, a commit.
    Begin {
        producer: u64,
    },
    Position,
    Commit {
        producer: u64,
        position: Position,
        is_first: bool,
    },
    Renew {
        lease: Lease,
        lease_ms: u64,
    },
    Release(Lease),
    Command(Lease),
    Skip {
        lease: Lease,
        position: usize,
    },
}

/// What a settle belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    AtLeastOnce,
    Transaction(u64),
    Last,
}

impl Op {
    pub(crate) fn is_of_broker(&self) -> bool {
        matches!(self, Op::Begin { .. } | Op::Position | Op::Commit { .. })
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Taken(Lease),
    Held {
        remaining_ms: u64,
    },
    Loaded {
        cursor: usize,
        parked: BTreeMap<usize, ParkedState>,
        transaction: u64,
    },
    /// The cursor is the truth, and the position is another one: it has to go there first.
    Elsewhere {
        cursor: usize,
    },
    Position(Option<Position>),
    /// The broker has fenced the producer.
    Aborted,
    Page {
        from: usize,
        to: usize,
        more: bool,
    },
    Commands {
        retried: Vec<usize>,
        skip: Vec<usize>,
    },
    Skipped {
        gone: bool,
    },
    Done,
    Fenced,
    Transient,
}

#[derive(Debug, Default)]
pub(crate) struct Database {
    pub(crate) log: Vec<Record>,
    pub(crate) meta: Meta,
    durable: Meta,
    pub(crate) incarnation: u64,
    mutations: Mutations,
}

impl Database {
    pub(crate) fn new(mutations: Mutations) -> Self {
        Self { mutations, ..Self::default() }
    }

    pub(crate) fn execute(&mut self, now_ms: u64, op: &Op, synchronous: bool) -> Answer {
        let answer = self.apply(now_ms, op);
        let exactly_once = matches!(op, Op::Settle { kind: Kind::Transaction(_) | Kind::Last, .. });
        let keeps = matches!(op, Op::Acquire { .. } | Op::Skip { .. } | Op::Recover { .. });
        let keeps = keeps || exactly_once || synchronous;
        if keeps {
            self.durable = self.meta.clone();
        }
        answer
    }

    fn apply(&mut self, now_ms: u64, op: &Op) -> Answer {
        match op {
            Op::Acquire { token, lease_ms } => {
                if self.meta.token.is_some_and(|owner| owner != *token) && now_ms < self.meta.until_ms {
                    return Answer::Held { remaining_ms: self.meta.until_ms - now_ms };
                }
                self.meta.epoch += 1;
                self.meta.token = Some(*token);
                self.meta.until_ms = now_ms + lease_ms;
                Answer::Taken(Lease { epoch: self.meta.epoch, token: *token, incarnation: self.incarnation })
            }
            Op::Load(lease) if self.owns(lease) => {
                Answer::Loaded { cursor: self.meta.cursor, parked: self.meta.parked.clone(), transaction: 0 }
            }
            Op::Recover { lease, position } if self.owns(lease) => self.recover(position.as_ref()),
            Op::Read { lease, from, limit } if lease.incarnation == self.incarnation => {
                let to = self.log.len().min(from + limit);
                Answer::Page { from: *from, to, more: to < self.log.len() }
            }
            Op::Settle { lease, cursor, park, unpark, kind } if self.owns(lease) => {
                self.meta.cursor = cursor.unwrap_or(self.meta.cursor);
                self.meta.transaction = if let Kind::Transaction(number) = kind { Some(*number) } else { None };
                for (position, state) in park {
                    if let (Kind::Transaction(number), false) = (kind, self.meta.parked.contains_key(position)) {
                        self.meta.parked_in.insert(*position, *number);
                    }
                    let before = self.meta.parked.insert(*position, *state);
                    let was_tried = before == Some(ParkedState::Auto) && *state == ParkedState::Failed;
                    if was_tried && self.meta.marks.get(position) == Some(&false) {
                        self.meta.marks.remove(position);
                    }
                }
                self.meta.parked.retain(|position, _| !unpark.contains(position));
                self.meta.marks.retain(|position, _| !unpark.contains(position));
                self.meta.parked_in.retain(|position, _| !unpark.contains(position));
                Answer::Done
            }
            Op::Renew { lease, lease_ms } if self.owns(lease) => {
                self.meta.until_ms = now_ms + lease_ms;
                Answer::Done
            }
            Op::Command(lease) if self.owns(lease) => {
                let marked =
                    |skip: bool| self.meta.marks.iter().filter(move |(_, mark)| **mark == skip).map(|(at, _)| *at);
                let (retried, skip): (Vec<_>, Vec<_>) = (marked(false).collect(), marked(true).collect());
                self.meta.parked.extend(retried.iter().map(|position| (*position, ParkedState::Auto)));
                Answer::Commands { retried, skip }
            }
            Op::Skip { lease, position } if self.owns(lease) => {
                let marked = self.meta.marks.remove(position).is_some();
                if marked {
                    self.meta.parked.remove(position);
                    self.meta.skipped.insert(*position);
                }
                Answer::Skipped { gone: !self.meta.parked.contains_key(position) }
            }
            Op::Release(lease) => {
                if self.owns(lease) {
                    self.meta.token = None;
                }
                Answer::Done
            }
            _ => Answer::Fenced,
        }
    }

    /// The load of a relay that does not own the log: what the mutant of rule 1 does.
    pub(crate) fn load_unfenced(&self) -> Answer {
        Answer::Loaded { cursor: self.meta.cursor, parked: self.meta.parked.clone(), transaction: 0 }
    }

    /// Rule 13: rows listed in the position and rows at or beyond it go, and the cursor is the position's.
    fn recover(&mut self, position: Option<&Position>) -> Answer {
        let here = self.meta.cursor;
        let position = match (self.meta.transaction, position) {
            (Some(number), Some(position)) if position.number <= number || self.mutations.commit_before_settle => {
                position
            }
            (Some(number), found) => panic!("transaction {number} is written, the position is {found:?}"),
            (None, Some(position)) if position.cursor == here => position,
            (None, _) => return Answer::Elsewhere { cursor: here },
        };
        let meta = &mut self.meta;
        let beyond = |at: &usize| meta.parked_in.get(at).is_some_and(|number| *number > position.number);
        let (keep_listed, keep_beyond) = (self.mutations.keep_listed_rows, self.mutations.keep_rows_beyond);
        meta.parked.retain(|at, _| (keep_listed || !position.rows.contains(at)) && (keep_beyond || !beyond(at)));
        meta.marks.retain(|at, _| meta.parked.contains_key(at));
        meta.parked_in.retain(|at, _| meta.parked.contains_key(at));
        if !self.mutations.trust_the_cursor {
            meta.cursor = position.cursor;
        }
        meta.transaction = Some(position.number);
        Answer::Loaded { cursor: meta.cursor, parked: meta.parked.clone(), transaction: position.number }
    }

    fn owns(&self, lease: &Lease) -> bool {
        let token = self.meta.token == Some(lease.token);
        token && self.meta.epoch == lease.epoch && self.incarnation == lease.incarnation
    }

    pub(crate) fn flush(&mut self) {
        self.durable = self.meta.clone();
    }

    /// Settles that were not flushed are gone. Returns how many records they had settled.
    pub(crate) fn crash(&mut self) -> usize {
        let rows = self.durable.parked.keys().filter(|row| !self.meta.parked.contains_key(row)).count();
        let lost = self.meta.cursor.saturating_sub(self.durable.cursor) + rows;
        self.meta = self.durable.clone();
        self.incarnation += 1;
        lost
    }

    /// An operator marks a row: any to be skipped, a failed one to be tried again. The last command wins.
    pub(crate) fn mark(&mut self, position: usize, skip: bool) {
        self.meta.marks.insert(position, skip);
        self.flush();
    }
}
