//! The schedule: which part moves next, and which fault strikes, drawn from the seed.

use std::collections::VecDeque;

use outbox_runtime::relay::machine::Mutations;
use outbox_runtime::sink::Class;
use outbox_runtime::store::ParkedState;

use crate::broker::{Batch, Broker, Producer};
use crate::check;
use crate::database::{Answer, Database, Op, Record};
use crate::node::Node;

const LANES: usize = 2;
const FAULTY_STEPS: u32 = 600;
const CALM_STEPS: u32 = 60_000;

/// What happened in a schedule, or in many.
#[derive(Debug, Default, Clone)]
pub(crate) struct Summary {
    pub(crate) delivered: usize,
    pub(crate) duplicates: usize,
    pub(crate) failed: usize,
    pub(crate) followers: usize,
    pub(crate) faults: usize,
    pub(crate) take_overs: usize,
    pub(crate) stops: usize,
    pub(crate) rows_sent: usize,
    pub(crate) commands: usize,
    pub(crate) skipped: usize,
    /// Exactly-once: records of aborted transactions.
    pub(crate) aborted: usize,
    /// Duplicates allowed beside those of faults: settles lost in a database crash.
    pub(crate) unsettled: usize,
}

impl Summary {
    pub(crate) fn add(&mut self, other: &Self) {
        self.delivered += other.delivered;
        self.duplicates += other.duplicates;
        self.failed += other.failed;
        self.followers += other.followers;
        self.faults += other.faults;
        self.take_overs += other.take_overs;
        self.stops += other.stops;
        self.rows_sent += other.rows_sent;
        self.commands += other.commands;
        self.skipped += other.skipped;
        self.aborted += other.aborted;
        self.unsettled += other.unsettled;
    }
}

pub(crate) struct World {
    rng: fastrand::Rng,
    pub(crate) exactly_once: bool,
    mutations: Mutations,
    pub(crate) db: Database,
    pub(crate) broker: Broker,
    nodes: Vec<Node>,
    /// Requests of dropped producers, by partition.
    zombies: Vec<VecDeque<Batch>>,
    /// Transactions of crashed relays that may still commit.
    orphans: Vec<Op>,
    now_ms: u64,
    ids: u64,
    tokens: u64,
    outage_steps: u32,
    pub(crate) summary: Summary,
    /// A promise broken in the middle of a step.
    broken: Option<String>,
    traced: bool,
    pub(crate) trace: Vec<String>,
}

impl World {
    pub(crate) fn new(seed: u64, exactly_once: bool, mutations: Mutations, traced: bool) -> Self {
        let mut world = Self {
            rng: fastrand::Rng::with_seed(seed),
            exactly_once,
            mutations,
            db: Database::new(mutations),
            broker: Broker::default(),
            nodes: Vec::new(),
            zombies: Vec::new(),
            orphans: Vec::new(),
            now_ms: 1,
            ids: 0,
            tokens: 0,
            outage_steps: 0,
            summary: Summary::default(),
            broken: None,
            traced,
            trace: Vec::new(),
        };
        // A table from earlier times: rows that only wait, as an earlier owner may leave them.
        for _ in 0..world.rng.usize(..4) {
            world.commit();
            let last = world.db.log.len() - 1;
            world.db.log[last].poison = false;
            world.db.log[last].oversize = false;
            world.db.meta.parked.insert(last, ParkedState::Auto);
            world.db.meta.cursor = last + 1;
        }
        world.db.flush();
        for _ in 0..2 {
            let node = world.fresh_node();
            world.nodes.push(node);
        }
        world
    }

    pub(crate) fn run(&mut self) -> Result<Summary, String> {
        for _ in 0..FAULTY_STEPS {
            self.step(true);
            check::order(self)?;
            self.nodes.iter().try_for_each(check::exposure)?;
        }
        self.note(|_| "calm".into());
        self.outage_steps = 0;
        for node in &mut self.nodes {
            node.paused_steps = 0;
        }
        for step in 0..CALM_STEPS {
            self.step(false);
            if step % 64 == 0 && self.zombies.is_empty() && check::finished(self) {
                break;
            }
        }
        if let Some(broken) = self.broken.take() {
            return Err(broken);
        }
        self.summary.rows_sent += self.nodes.iter().map(|node| node.rows_sent).sum::<usize>();
        check::at_the_end(self)?;
        Ok(self.summary.clone())
    }

    fn step(&mut self, faulty: bool) {
        self.now_ms += self.rng.u64(0..4);
        match self.rng.u32(0..100) {
            0..6 if faulty && self.db.log.len() < 24 => self.commit(),
            6..8 if faulty => self.fault(),
            8..14 => self.zombie(),
            14..17 => self.orphan(),
            17..22 => self.db.flush(),
            22..24 if faulty => self.command(),
            roll => self.move_node(roll as usize % self.nodes.len(), faulty),
        }
        self.outage_steps = self.outage_steps.saturating_sub(1);
    }

    fn commit(&mut self) {
        let key = Some(self.rng.u64(0..4)).filter(|key| *key < 3);
        let lane = key.unwrap_or_else(|| self.rng.u64(..)) as u32 % LANES as u32;
        let poison = self.rng.u32(0..12) == 0;
        let oversize = self.rng.u32(0..24) == 0;
        self.db.log.push(Record { lane, key, poison, oversize });
        self.note(|w| format!("commit {} {:?}", w.db.log.len() - 1, w.db.log.last()));
    }

    fn move_node(&mut self, index: usize, faulty: bool) {
        let answering = self.outage_steps == 0;
        if self.nodes[index].stopped {
            self.note(|_| format!("relay {index} has stopped"));
            let (sent, settled) = (self.nodes[index].sent_end, self.nodes[index].machine.settled_end());
            if sent > settled {
                self.broken = Some(format!("A5: an orderly stop left {} records unsettled", sent - settled));
            }
            self.replace(index);
            self.summary.stops += 1;
        }
        let node = &mut self.nodes[index];
        if node.paused_steps > 0 {
            node.paused_steps -= 1;
            return;
        }
        match self.rng.u32(0..6) {
            0 | 1 => {
                if node.decide(self.now_ms, &self.db, &mut self.tokens, &self.broker, self.ids + 1) {
                    let leftovers = node.producer.drop_it();
                    self.zombies.extend(leftovers);
                    self.ids += 1;
                    self.nodes[index].producer = Producer::new(self.ids, LANES);
                    self.note(|_| format!("relay {index} drops its producer"));
                }
            }
            2 if node.rebuilding => node.rebuilt(self.now_ms, Ok(())),
            2 => self.hand_answers(index),
            3 => node.producer.step(&mut self.rng, &mut self.broker, &self.db.log, answering),
            _ => self.move_op(index, faulty),
        }
    }

    fn hand_answers(&mut self, index: usize) {
        let node = &mut self.nodes[index];
        let count = self.rng.usize(0..=node.producer.answers.len());
        let answers: Vec<_> = node.producer.answers.drain(..count).collect();
        if !answers.is_empty() {
            node.answers(self.now_ms, &answers);
            self.note(|_| format!("relay {index} hears {answers:?}"));
        }
    }

    /// Executes an operation, or hands its answer over.
    fn move_op(&mut self, index: usize, faulty: bool) {
        if self.nodes[index].ops.is_empty() {
            return;
        }
        let at = self.rng.usize(..self.nodes[index].ops.len());
        let pending = &mut self.nodes[index].ops[at];
        if pending.answer.is_none() && pending.op.is_of_broker() && self.outage_steps > 0 {
            return;
        }
        if pending.answer.is_none() {
            let fails = faulty && self.rng.u32(0..30) == 0;
            let unknown = fails && self.rng.bool();
            let mut answer = Answer::Transient;
            if !fails || unknown {
                let synchronous = self.rng.u32(0..3) == 0;
                answer = match pending.op.is_of_broker() {
                    true => self.broker.coordinate(&pending.op),
                    false => self.db.execute(self.now_ms, &pending.op, synchronous),
                };
                self.summary.take_overs += usize::from(matches!(answer, Answer::Taken(_)));
            }
            pending.answer = Some(if unknown { Answer::Transient } else { answer });
            let line = format!("relay {index}: {pending:?}");
            self.note(|_| line);
            return;
        }
        let pending = self.nodes[index].ops.swap_remove(at);
        if self.nodes[index].deliver(self.now_ms, pending, &self.db) {
            self.summary.faults += 1;
            let late = std::mem::take(&mut self.nodes[index].late);
            self.orphans.extend(late.into_iter().filter(Op::is_of_broker));
            self.note(|_| format!("relay {index} is fenced"));
        }
    }

    fn zombie(&mut self) {
        if self.zombies.is_empty() {
            return;
        }
        let at = self.rng.usize(..self.zombies.len());
        let alive = self.rng.u32(0..6) > 0;
        if let Some(batch) = self.zombies[at].pop_front().filter(|_| alive) {
            let result = self.broker.produce(&batch, &self.db.log);
            self.note(|_| format!("late {batch:?}: {result:?}"));
        } else {
            self.zombies.swap_remove(at);
        }
    }

    fn orphan(&mut self) {
        if let Some(op) = self.orphans.pop() {
            let answer = match op.is_of_broker() {
                true => self.broker.coordinate(&op),
                false => self.db.execute(self.now_ms, &op, false),
            };
            self.note(|_| format!("late {op:?}: {answer:?}"));
        }
    }

    fn fault(&mut self) {
        let index = self.rng.usize(..self.nodes.len());
        match self.rng.u32(0..7) {
            0 => self.crash_node(index),
            // An orderly stop costs no duplicate: it is not counted as a fault.
            5 => self.nodes[index].stop(self.now_ms),
            1 => {
                self.nodes[index].paused_steps = self.rng.u32(20..200);
                self.now_ms += self.rng.u64(0..400);
                self.summary.faults += 1;
                self.note(|_| format!("relay {index} pauses"));
            }
            2 => {
                let lost = self.db.crash();
                self.summary.faults += 1;
                self.summary.unsettled += lost;
                self.note(|w| format!("database crash, cursor {}", w.db.meta.cursor));
            }
            3 => {
                let class = [Class::Outage, Class::Retry, Class::Fatal][self.rng.usize(..3)];
                if let Some(batches) = self.nodes[index].producer.fail(&mut self.rng, class) {
                    self.note(|_| format!("relay {index}: {class:?} for {batches:?}"));
                    self.zombies.push(batches);
                    self.summary.faults += 1;
                }
            }
            4 => {
                self.outage_steps = self.rng.u32(10..100);
                self.summary.faults += 1;
                self.note(|_| "the broker is away".into());
            }
            _ => self.command(),
        }
    }

    fn crash_node(&mut self, index: usize) {
        self.note(|_| format!("relay {index} crashes"));
        self.summary.faults += 1;
        self.replace(index);
    }

    fn replace(&mut self, index: usize) {
        let fresh = self.fresh_node();
        let mut node = std::mem::replace(&mut self.nodes[index], fresh);
        self.zombies.extend(node.producer.drop_it());
        self.orphans.extend(node.ops.into_iter().filter(|op| op.answer.is_none()).map(|pending| pending.op));
        self.summary.rows_sent += node.rows_sent;
    }

    /// An operator gives a row up, or has it tried again, perhaps after raising the topic's limit.
    fn command(&mut self) {
        let mut rows: Vec<_> = self.db.meta.parked.iter().map(|(at, state)| (*at, *state)).collect();
        let has_failed = rows.iter().any(|(_, state)| *state == ParkedState::Failed);
        if has_failed && self.rng.u32(0..4) > 0 {
            rows.retain(|(_, state)| *state == ParkedState::Failed);
        }
        if rows.is_empty() {
            return;
        }
        let (position, state) = rows[self.rng.usize(..rows.len())];
        let skip = state == ParkedState::Auto || self.rng.bool();
        if !skip && self.rng.bool() {
            self.db.log[position].poison = false;
            self.db.log[position].oversize = false;
        }
        self.db.mark(position, skip);
        self.summary.commands += 1;
        self.note(|_| format!("an operator marks {position}, skip: {skip}"));
    }

    fn fresh_node(&mut self) -> Node {
        self.ids += 1;
        Node::new(self.exactly_once, self.mutations, Producer::new(self.ids, LANES))
    }

    fn note(&mut self, line: impl FnOnce(&Self) -> String) {
        if self.traced {
            let line = line(self);
            self.trace.push(format!("{:>6} ms  {line}", self.now_ms));
        }
    }
}
