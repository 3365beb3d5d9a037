//! One relay: the machine under test and the thinnest shell around it.

use std::time::Duration;

use outbox_runtime::relay::machine::{Action, Config, Event, Input, Machine, Mutations, RowInput, Seq, StoreOp};
use outbox_runtime::sink::Class;

use crate::broker::{Answers, Broker, Position, Producer};
use crate::database::{Answer, Database, Kind, Lease, Op};

pub(crate) const WINDOW: u64 = 6;
pub(crate) const SLOTS: usize = 2;
pub(crate) const LEASE_MS: u64 = 300;

/// A store operation under way; with its answer once it was executed.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) op: Op,
    pub(crate) started_ms: u64,
    pub(crate) answer: Option<Answer>,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) machine: Machine,
    pub(crate) ops: Vec<Pending>,
    pub(crate) producer: Producer,
    pub(crate) rebuilding: bool,
    lease: Option<Lease>,
    token: u64,
    exactly_once: bool,
    /// Number of the transaction committed last.
    transaction: u64,
    /// The producer that the next transaction begins with.
    next_producer: u64,
    rows: Vec<usize>,
    log_start: usize,
    read_next: usize,
    /// Everything sent of the log is below this number.
    pub(crate) sent_end: Seq,
    /// The mutant of rule 1 has loaded the table already.
    preloaded: bool,
    ignores_fences: bool,
    /// Mutants of rules 13 and 15.
    resumes: bool,
    lists_no_rows: bool,
    reads_early: bool,
    early_position: Option<Option<Position>>,
    /// Of a relay that was fenced: what may still be carried out.
    pub(crate) late: Vec<Op>,
    pub(crate) paused_steps: u32,
    pub(crate) rows_sent: usize,
    pub(crate) stopped: bool,
    actions: Vec<Action>,
}

fn config(exactly_once: bool) -> Config {
    Config {
        exactly_once,
        lease: Duration::from_millis(LEASE_MS),
        window_records: WINDOW,
        table_slots: SLOTS,
        page_records: 4,
        poll_max: Duration::from_millis(20),
        settle_interval: Duration::from_millis(10),
        drain: Duration::from_secs(60),
        command_interval: Duration::from_millis(15),
        ..Config::default()
    }
}

impl Node {
    pub(crate) fn new(exactly_once: bool, mutations: Mutations, producer: Producer) -> Self {
        Self {
            machine: Machine::with_mutations(config(exactly_once), mutations),
            exactly_once,
            transaction: 0,
            next_producer: 0,
            ops: Vec::new(),
            producer,
            rebuilding: false,
            lease: None,
            token: 0,
            rows: Vec::new(),
            log_start: 0,
            read_next: 0,
            sent_end: 0,
            preloaded: false,
            ignores_fences: mutations.ignore_fence,
            resumes: mutations.resume_without_position,
            lists_no_rows: mutations.list_no_rows,
            reads_early: mutations.position_before_fence,
            early_position: None,
            late: Vec::new(),
            paused_steps: 0,
            rows_sent: 0,
            stopped: false,
            actions: Vec::new(),
        }
    }

    /// Record of the log behind a number of the machine.
    fn record(&self, seq: Seq) -> usize {
        match self.rows.get(seq as usize) {
            Some(row) => *row,
            None => self.log_start + (seq as usize - self.rows.len()),
        }
    }

    /// Number of the machine for a record of the log.
    fn seq(&self, record: usize) -> Seq {
        match self.rows.iter().position(|row| *row == record) {
            Some(row) => row as Seq,
            None => (record - self.log_start + self.rows.len()) as Seq,
        }
    }

    /// Lets the machine decide, and carries it out. Returns whether the producer is to be replaced, by number `id`.
    pub(crate) fn decide(&mut self, now_ms: u64, db: &Database, tokens: &mut u64, broker: &Broker, id: u64) -> bool {
        let mut actions = std::mem::take(&mut self.actions);
        self.machine.poll(Duration::from_millis(now_ms), &mut actions);
        let mut rebuild = false;
        for action in actions.drain(..) {
            let op = match (action, self.lease) {
                (Action::Acquire { fresh }, _) => {
                    if fresh {
                        *tokens += 1;
                        self.token = *tokens;
                    }
                    Op::Acquire { token: self.token, lease_ms: LEASE_MS }
                }
                (Action::Load, Some(_)) if self.exactly_once => {
                    let answer = self.early_position.take().map(Answer::Position);
                    self.ops.push(Pending { op: Op::Position, started_ms: now_ms, answer });
                    continue;
                }
                (Action::Load, Some(lease)) => Op::Load(lease),
                (Action::Load, None) => {
                    let answer = db.load_unfenced();
                    self.deliver(
                        now_ms,
                        Pending { op: Op::Release(NOBODY), started_ms: now_ms, answer: Some(answer) },
                        db,
                    );
                    continue;
                }
                (Action::Read { limit }, Some(lease)) => Op::Read { lease, from: self.read_next, limit },
                (Action::Settle(plan), Some(lease)) => Op::Settle {
                    lease,
                    cursor: plan.advances.then(|| self.record(plan.upto)),
                    park: plan.park.iter().map(|(seq, state)| (self.record(*seq), *state)).collect(),
                    unpark: plan.unpark.iter().map(|seq| self.record(*seq)).collect(),
                    kind: match self.exactly_once {
                        true if plan.last => Kind::Last,
                        true => Kind::Transaction(self.transaction + 1),
                        false => Kind::AtLeastOnce,
                    },
                },
                (Action::Commit(plan), _) => {
                    let list = if self.lists_no_rows { &[] } else { &*plan.list };
                    let rows = list.iter().map(|seq| self.record(*seq)).collect();
                    let position = Position { number: self.transaction + 1, cursor: self.record(plan.upto), rows };
                    Op::Commit { producer: self.next_producer, position, is_first: false }
                }
                (Action::Begin, _) => {
                    rebuild = true;
                    self.next_producer = id;
                    self.early_position = self.reads_early.then(|| broker.position.clone());
                    Op::Begin { producer: id }
                }
                (Action::Command, Some(lease)) => Op::Command(lease),
                (Action::Skip(seq), Some(lease)) => Op::Skip { lease, position: self.record(seq) },
                (Action::Renew, Some(lease)) => Op::Renew { lease, lease_ms: LEASE_MS },
                (Action::Release, Some(lease)) => Op::Release(lease),
                (Action::Rebuild, _) => {
                    self.rebuilding = true;
                    rebuild = true;
                    continue;
                }
                (Action::Stop, _) => {
                    self.stopped = true;
                    continue;
                }
                (action, None) => panic!("{action:?} without a lease"),
            };
            self.ops.push(Pending { op, started_ms: now_ms, answer: None });
        }
        self.actions = actions;
        let mut sends = Vec::new();
        self.machine.take_sends(&mut sends);
        for seq in sends {
            let record = self.record(seq);
            self.sent_end = self.sent_end.max(seq + 1);
            self.rows_sent += usize::from((seq as usize) < self.rows.len());
            self.producer.send(db.log[record].lane, seq, record);
        }
        rebuild
    }

    pub(crate) fn stop(&mut self, now_ms: u64) {
        self.machine.handle(Duration::from_millis(now_ms), Event::Shutdown);
    }

    pub(crate) fn rebuilt(&mut self, now_ms: u64, result: Result<(), Class>) {
        self.rebuilding = false;
        self.machine.handle(Duration::from_millis(now_ms), Event::Rebuilt(result));
    }

    /// The machine loads anew; answers of what is under way matter no more.
    fn aborted(&mut self, now: Duration, class: Class) {
        if !self.resumes {
            self.ops.clear();
            self.sent_end = 0;
        }
        self.machine.handle(now, Event::Aborted(class));
    }

    pub(crate) fn answers(&mut self, now_ms: u64, answers: &Answers) {
        self.machine.handle(Duration::from_millis(now_ms), Event::Delivered(answers));
    }

    /// Hands the answer of a store operation to the machine. Returns whether it was a fence.
    pub(crate) fn deliver(&mut self, now_ms: u64, pending: Pending, db: &Database) -> bool {
        let now = Duration::from_millis(now_ms);
        let until = Duration::from_millis(pending.started_ms + LEASE_MS);
        let Some(answer) = pending.answer else { return false };
        match answer {
            Answer::Taken(lease) => {
                self.lease = Some(lease);
                if self.preloaded {
                    // Its cursor is the one of now, its table is old.
                    (self.log_start, self.read_next) = (db.meta.cursor, db.meta.cursor);
                }
                self.machine.handle(now, Event::Acquired { until });
            }
            Answer::Held { remaining_ms } => {
                self.machine.handle(now, Event::Held { remaining: Duration::from_millis(remaining_ms) });
            }
            Answer::Position(position) => {
                let Some(lease) = self.lease else { return false };
                let op = Op::Recover { lease, position };
                self.ops.push(Pending { op, started_ms: now_ms, answer: None });
            }
            Answer::Elsewhere { cursor } => {
                let Op::Recover { position, .. } = pending.op else { unreachable!("the answer of a recovery") };
                let number = position.map_or(0, |position| position.number) + 1;
                let position = Position { number, cursor, rows: Default::default() };
                let op = Op::Commit { producer: self.next_producer, position, is_first: true };
                self.ops.push(Pending { op, started_ms: now_ms, answer: None });
            }
            Answer::Aborted => self.aborted(now, Class::Fatal),
            Answer::Loaded { cursor, parked, transaction } => {
                self.transaction = transaction;
                self.preloaded = self.lease.is_none();
                self.sent_end = 0;
                self.rows = parked.keys().copied().collect();
                self.log_start = cursor;
                self.read_next = cursor;
                let rows: Vec<_> = parked
                    .iter()
                    .map(|(position, state)| {
                        let record = db.log[*position];
                        RowInput { key: record.key, state: *state, lane: Some(record.lane) }
                    })
                    .collect();
                self.machine.handle(now, Event::Loaded(&rows));
            }
            Answer::Page { from, to, more } => {
                self.read_next = to;
                let inputs: Vec<_> = db.log[from..to]
                    .iter()
                    .map(|record| Input {
                        lane: record.lane,
                        key: record.key,
                        bytes: 100,
                        refused: record.oversize,
                        waits: false,
                        barrier: false,
                    })
                    .collect();
                self.machine.handle(now, Event::Read { records: &inputs, done: true, more });
            }
            Answer::Commands { retried, skip } => {
                let seqs = |positions: &[usize]| -> Vec<Seq> { positions.iter().map(|at| self.seq(*at)).collect() };
                let (again, skip) = (seqs(&retried), seqs(&skip));
                self.machine.handle(now, Event::Commands { retried: &again, skip: &skip });
                for (seq, position) in again.into_iter().zip(retried) {
                    self.machine.handle(now, Event::RowLane(seq, db.log[position].lane));
                }
            }
            Answer::Skipped { gone } => {
                let Op::Skip { position, .. } = pending.op else { unreachable!("the answer of a skip") };
                self.machine.handle(now, Event::Skipped { seq: self.seq(position), gone });
            }
            Answer::Done => match pending.op {
                Op::Settle { .. } => self.machine.handle(now, Event::Settled),
                Op::Renew { .. } => self.machine.handle(now, Event::Renewed { until }),
                Op::Begin { .. } => self.rebuilt(now_ms, Ok(())),
                Op::Commit { position, is_first: true, .. } => {
                    let Some(lease) = self.lease else { return false };
                    let op = Op::Recover { lease, position: Some(position) };
                    self.ops.push(Pending { op, started_ms: now_ms, answer: None });
                }
                Op::Commit { .. } => {
                    self.transaction += 1;
                    self.machine.handle(now, Event::Committed);
                }
                _ => self.machine.handle(now, Event::Released),
            },
            Answer::Transient => match pending.op {
                Op::Begin { .. } => self.rebuilt(now_ms, Err(Class::Outage)),
                Op::Position | Op::Commit { .. } => self.aborted(now, Class::Outage),
                op => self.machine.handle(now, Event::StoreFailed(kind(&op))),
            },
            // The mutant of rule 2 keeps its memory and goes on, in the new incarnation too.
            Answer::Fenced if self.ignores_fences => {
                self.lease = self.lease.map(|lease| Lease { incarnation: db.incarnation, ..lease });
                self.machine.handle(now, Event::StoreFailed(kind(&pending.op)));
            }
            Answer::Fenced => {
                self.lease = None;
                self.preloaded = false;
                self.sent_end = 0;
                // A producer that is being made is waited for; a commit may still be carried out.
                let (begins, others): (Vec<_>, Vec<_>) =
                    self.ops.drain(..).partition(|pending| matches!(pending.op, Op::Begin { .. }));
                self.ops = begins;
                self.late = others.into_iter().filter(|op| op.answer.is_none()).map(|pending| pending.op).collect();
                self.machine.handle(now, Event::Fenced);
                return true;
            }
        }
        false
    }
}

const NOBODY: Lease = Lease { epoch: 0, token: 0, incarnation: 0 };

fn kind(op: &Op) -> StoreOp {
    match op {
        Op::Acquire { .. } => StoreOp::Acquire,
        Op::Load(_) | Op::Recover { .. } => StoreOp::Load,
        Op::Begin { .. } | Op::Position | Op::Commit { .. } => unreachable!("operations of the broker"),
        Op::Read { .. } => StoreOp::Read,
        Op::Settle { .. } => StoreOp::Settle,
        Op::Renew { .. } => StoreOp::Renew,
        Op::Release(_) => StoreOp::Release,
        Op::Command(_) | Op::Skip { .. } => StoreOp::Command,
    }
}
