//! Partitions that judge batches as one and check the sequence of a producer they know; producers with requests under
//! way, which go on after the producer is dropped.

use std::collections::{BTreeSet, HashMap, VecDeque};

use outbox_runtime::relay::machine::Seq;
use outbox_runtime::sink::Class;

use crate::database::{Answer, Op, Record};

/// Requests a producer has under way per partition.
const REQUESTS: usize = 5;

#[derive(Debug, Clone)]
pub(crate) struct Batch {
    pub(crate) producer: u64,
    lane: u32,
    first: u64,
    messages: Vec<(Seq, usize)>,
}

/// Where a log stands, committed together with what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) number: u64,
    pub(crate) cursor: usize,
    pub(crate) rows: BTreeSet<usize>,
}

#[derive(Debug, Default)]
pub(crate) struct Broker {
    /// Landed records in order; exactly-once: those of committed transactions, as a `read_committed` consumer sees them.
    pub(crate) landed: Vec<usize>,
    /// The producer that owns the transactional id; all earlier ones are fenced.
    current: Option<u64>,
    /// Landed in its open transaction.
    open: Vec<usize>,
    pub(crate) position: Option<Position>,
    pub(crate) aborted: usize,
    /// Next sequence number by (producer, lane).
    expected: HashMap<(u64, u32), u64>,
}

pub(crate) type Answers = Vec<(Seq, Result<(), Class>)>;

impl Broker {
    /// Judges a batch.
    pub(crate) fn produce(&mut self, batch: &Batch, log: &[Record]) -> Result<(), Class> {
        if self.current.is_some_and(|current| current != batch.producer) {
            return Err(Class::Fatal);
        }
        let at = (batch.producer, batch.lane);
        let next = batch.first + batch.messages.len() as u64;
        match self.expected.get(&at) {
            Some(expected) if batch.first < *expected => return Ok(()),
            Some(expected) if batch.first > *expected => return Err(Class::Fatal),
            _ => {}
        }
        if batch.messages.iter().any(|(_, record)| log[*record].poison || log[*record].oversize) {
            return Err(Class::Park);
        }
        self.expected.insert(at, next);
        let landed = if self.current.is_some() { &mut self.open } else { &mut self.landed };
        landed.extend(batch.messages.iter().map(|(_, record)| *record));
        Ok(())
    }

    /// What the coordinator of transactions does.
    pub(crate) fn coordinate(&mut self, op: &Op) -> Answer {
        match op {
            Op::Begin { producer } => {
                self.current = Some(*producer);
                self.aborted += self.open.drain(..).count();
                Answer::Done
            }
            Op::Position => Answer::Position(self.position.clone()),
            Op::Commit { producer, position, .. } if self.current == Some(*producer) => {
                self.landed.append(&mut self.open);
                self.position = Some(position.clone());
                Answer::Done
            }
            _ => Answer::Aborted,
        }
    }
}

#[derive(Debug, Default)]
struct Lane {
    queue: VecDeque<(Seq, usize)>,
    requests: VecDeque<Batch>,
    next: u64,
    /// A batch failed: nothing more is sent here (gapless).
    dead: bool,
}

/// An idempotent, gapless producer.
#[derive(Debug, Default)]
pub(crate) struct Producer {
    pub(crate) id: u64,
    lanes: Vec<Lane>,
    pub(crate) answers: VecDeque<(Seq, Result<(), Class>)>,
}

impl Producer {
    pub(crate) fn new(id: u64, lanes: usize) -> Self {
        Self { id, lanes: (0..lanes).map(|_| Lane::default()).collect(), answers: VecDeque::new() }
    }

    pub(crate) fn send(&mut self, lane: u32, seq: Seq, record: usize) {
        self.lanes[lane as usize].queue.push_back((seq, record));
    }

    /// One step of a partition: a new request goes out, or the oldest one is answered.
    pub(crate) fn step(&mut self, rng: &mut fastrand::Rng, broker: &mut Broker, log: &[Record], answering: bool) {
        let index = rng.usize(..self.lanes.len());
        let id = self.id;
        let lane = &mut self.lanes[index];
        if lane.dead && !lane.queue.is_empty() {
            self.answers.extend(lane.queue.drain(..).map(|(seq, _)| (seq, Err(Class::Fatal))));
        } else if !lane.queue.is_empty() && lane.requests.len() < REQUESTS && rng.bool() {
            let size = rng.usize(1..=lane.queue.len().min(4));
            let messages: Vec<_> = lane.queue.drain(..size).collect();
            let batch = Batch { producer: id, lane: index as u32, first: lane.next, messages };
            lane.next += size as u64;
            lane.requests.push_back(batch);
        } else if answering && let Some(batch) = lane.requests.pop_front() {
            let result = broker.produce(&batch, log);
            lane.dead |= result.is_err();
            self.answers.extend(batch.messages.iter().map(|(seq, _)| (*seq, result)));
        }
    }

    /// The oldest request of a partition is given up; it may land all the same.
    pub(crate) fn fail(&mut self, rng: &mut fastrand::Rng, class: Class) -> Option<VecDeque<Batch>> {
        let index = rng.usize(..self.lanes.len());
        let lane = &mut self.lanes[index];
        let batch = lane.requests.front()?;
        self.answers.extend(batch.messages.iter().map(|(seq, _)| (*seq, Err(class))));
        lane.dead = true;
        Some(lane.requests.drain(..).collect())
    }

    /// The producer is dropped: what may still land, by partition.
    pub(crate) fn drop_it(&mut self) -> Vec<VecDeque<Batch>> {
        let id = self.id;
        let leftovers = self.lanes.iter_mut().enumerate().map(|(index, lane)| {
            let mut batches: VecDeque<Batch> = lane.requests.drain(..).collect();
            if !lane.dead && !lane.queue.is_empty() {
                let messages = lane.queue.drain(..).collect();
                batches.push_back(Batch { producer: id, lane: index as u32, first: lane.next, messages });
            }
            batches
        });
        leftovers.filter(|batches| !batches.is_empty()).collect()
    }
}
