//! Exactly-once: everything sent travels in a transaction of the sink that ends with the position (rules 13–16).
//!
//! ```text
//! open ─▶ closing ─▶ settling ─▶ committing ─▶ open
//!         all is acknowledged; the database has it, synchronously; the sink commits records and position
//! ```
//! A transaction holds the log from the last committed position on, without a gap, and some rows of the table. What goes
//! wrong before the settle takes the memory back to that position. From the settle on the database may be ahead of the
//! position, and whether the sink has committed may be unknown: then everything is loaded anew, as after a take-over.

use std::time::Duration;

use super::ownership::Phase;
use super::{Action, Machine, Producer, Seq, SettlePlan};
use crate::sink::Class;

/// Open for longer than this it is closed, full or not: consumers wait for the commit.
const OPEN_MAX: Duration = Duration::from_millis(500);
/// Most rows of the table in one: the position lists them.
const ROWS_MAX: u64 = 4_096;
/// A rejected transaction is tried again with this part of its records, until the culprit is alone.
const SHRINK: u64 = 8;
/// Transactions that may fail in a row for reasons that nobody names, before the next ones are smaller.
const FRUITLESS_MAX: u32 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    /// Nothing is added any more.
    Closing,
    Settling,
    Settled,
    Committing,
    /// The last settle of an orderly stop is written.
    Ended,
}

/// By whose fault a transaction fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blame {
    /// It does not.
    Nobody,
    /// The sink has named the record, the topic, or the broker.
    Known,
    Unknown,
}

/// The transaction of the sink, as far as decisions go.
#[derive(Debug)]
pub(super) struct Transaction {
    stage: Stage,
    records: u64,
    rows: u64,
    /// Most records of this one. It survives what takes the memory back.
    limit: u64,
    /// Records of the log that were beside one that was rejected; the limit does not grow before they have passed.
    suspects: u64,
    opened: Option<Duration>,
    blame: Blame,
    /// Transactions that failed since the last commit, nobody knows by whose fault.
    fruitless: u32,
    /// Rows that the last committed position lists: the next settle deletes them.
    listed: Vec<Seq>,
}

impl Transaction {
    pub(super) fn new(limit: u64) -> Self {
        let (opened, blame, fruitless, listed) = (None, Blame::Nobody, 0, Vec::new());
        Self { stage: Stage::Open, records: 0, rows: 0, limit, suspects: 0, opened, blame, fruitless, listed }
    }

    fn is_open_for(&self, records: u64) -> bool {
        self.stage == Stage::Open && records < self.limit
    }

    /// Drops everything but what is known of a record that was rejected.
    pub(super) fn forget(&mut self) {
        *self = Self { suspects: self.suspects, fruitless: self.fruitless, ..Self::new(self.limit) };
    }

    fn restart(&mut self) {
        let listed = std::mem::take(&mut self.listed);
        self.forget();
        self.listed = listed;
    }
}

impl Machine {
    /// Records that may still be added; without transactions any number.
    pub(super) fn left_in_transaction(&self) -> usize {
        match &self.transaction {
            Some(open) if open.is_open_for(open.records) => (open.limit - open.records) as usize,
            Some(_) => 0,
            None => usize::MAX,
        }
    }

    /// Rows of the table that may still be added.
    pub(super) fn rows_left_in_transaction(&self) -> usize {
        let rows = self.transaction.as_ref().map_or(u64::MAX, |open| ROWS_MAX.saturating_sub(open.rows));
        self.left_in_transaction().min(rows as usize)
    }

    /// A record is handed out.
    pub(super) fn add_to_transaction(&mut self, is_row: bool) {
        if let Some(open) = &mut self.transaction {
            open.records += 1;
            open.rows += u64::from(is_row);
        }
    }

    /// Whether a record that is rejected has nobody beside it in the transaction.
    pub(super) fn is_alone_in_transaction(&self) -> bool {
        self.transaction.as_ref().is_some_and(|open| open.records == 1)
    }

    /// Rule 16: somebody in this transaction is rejected; the next one has fewer records.
    pub(super) fn shrink_transaction(&mut self) {
        if let Some(open) = &mut self.transaction {
            open.limit = (open.records / SHRINK).max(1);
            open.suspects = self.window.next - self.window.base;
        }
    }

    /// The sink has said by whose fault this transaction fails.
    pub(super) fn blame(&mut self) {
        if let Some(open) = &mut self.transaction {
            open.blame = Blame::Known;
        }
    }

    /// What the sink says of a record that stays unsent.
    pub(super) fn note_class(&mut self, class: Class) {
        match (class, &mut self.transaction) {
            (Class::Outage | Class::Topic, _) => self.blame(),
            (_, Some(open)) if open.blame == Blame::Nobody => open.blame = Blame::Unknown,
            _ => {}
        }
    }

    /// Whether transactions fail one after the other, and the sink names no fault.
    pub fn is_fruitless(&self) -> bool {
        self.transaction.as_ref().is_some_and(|open| open.fruitless >= FRUITLESS_MAX)
    }

    /// Whether a record that fails now without a reason is one for which transactions fail: nobody is beside it.
    pub fn is_culprit(&self) -> bool {
        self.is_fruitless() && self.is_alone_in_transaction()
    }

    /// Rule 15: closes the transaction, settles it once all is acknowledged, and commits it once that is written.
    pub(super) fn choose_commit(&mut self, now: Duration, actions: &mut Vec<Action>) {
        self.window.advance();
        if self.closes(now) {
            self.enter(Stage::Closing);
        }
        if self.is_in(Stage::Closing) && self.may_settle(now) {
            let plan = self.plan_commit();
            self.enter(Stage::Settling);
            self.settling = Some(plan.clone());
            actions.push(if self.mutations.commit_before_settle { Action::Commit(plan) } else { Action::Settle(plan) });
        }
        if self.is_in(Stage::Settled) {
            self.enter(Stage::Committing);
            let then = if self.mutations.commit_before_settle { Action::Settle } else { Action::Commit };
            actions.extend(self.settling.clone().map(then));
        }
    }

    fn is_in(&self, stage: Stage) -> bool {
        self.transaction.as_ref().is_some_and(|open| open.stage == stage)
    }

    fn enter(&mut self, stage: Stage) {
        if let Some(open) = &mut self.transaction {
            open.stage = stage;
        }
    }

    /// It grows while there is a backlog, and is closed at once when there is none: a lone record waits for nobody.
    fn closes(&mut self, now: Duration) -> bool {
        let Some(open) = &mut self.transaction else { return false };
        let verdicts = self.park.iter().any(|(seq, _)| *seq < self.window.next);
        let deletes = !open.listed.is_empty() && self.shutdown.is_none();
        if open.stage != Stage::Open
            || !(open.records > 0 || self.window.decided > self.window.base || verdicts || deletes)
        {
            return false;
        }
        let until = *open.opened.get_or_insert(now) + OPEN_MAX;
        let full = open.records >= open.limit
            || self.window.next >= self.window.base + self.config.window_records
            || self.window.bytes_out >= self.config.window_bytes;
        let caught_up = self.window.next >= self.window.end() && !self.more;
        full || caught_up || self.shutdown.is_some() || self.due(now, until)
    }

    fn may_settle(&mut self, now: Duration) -> bool {
        let idle = self.in_flight == 0 && self.out.is_empty() && self.producer == Producer::Ready;
        let at = self.settle_at;
        idle && self.settling.is_none() && !self.commanding && (!self.settle_failed || self.due(now, at))
    }

    fn plan_commit(&mut self) -> SettlePlan {
        let upto = self.window.decided;
        let (park, listed) = (self.take_park(upto), self.take_listed());
        let sent = std::mem::take(&mut self.unpark);
        let advances = upto > self.window.base;
        let plan = SettlePlan { upto, advances, park, ..SettlePlan::default() };
        if self.mutations.delete_rows_before_commit {
            return SettlePlan { unpark: listed.into_iter().chain(sent.iter().copied()).collect(), list: sent, ..plan };
        }
        SettlePlan { unpark: listed, list: sent, ..plan }
    }

    fn take_listed(&mut self) -> Vec<Seq> {
        self.transaction.as_mut().map(|open| std::mem::take(&mut open.listed)).unwrap_or_default()
    }

    /// The settle is written. What it says is true only once the sink has committed (rule 16).
    pub(super) fn transaction_settled(&mut self) {
        self.settle_failed = false;
        if self.settling.as_ref().is_some_and(|plan| plan.last) {
            self.settled();
            self.enter(Stage::Ended);
        } else if self.mutations.commit_before_settle {
            self.transaction_ends();
        } else {
            self.enter(Stage::Settled);
        }
    }

    /// The sink has committed.
    pub(super) fn committed(&mut self) {
        self.attempts = 0;
        self.outage_until = None;
        if self.mutations.commit_before_settle && self.is_in(Stage::Settling) {
            self.enter(Stage::Settled);
        } else {
            self.transaction_ends();
        }
    }

    fn transaction_ends(&mut self) {
        let listed = self.settling.as_ref().map(|plan| plan.list.clone()).unwrap_or_default();
        let base = self.window.base;
        self.settled();
        if let Some(open) = &mut self.transaction {
            self.published += open.records;
            let suspects = open.suspects.saturating_sub(self.window.base.saturating_sub(base));
            let limit = if suspects > 0 { open.limit } else { open.limit.saturating_mul(2) };
            let limit = limit.min(self.config.window_records);
            *open = Transaction { listed, suspects, ..Transaction::new(limit) };
        }
    }

    /// Whether the settle was written is unknown: the transaction stays, and it is the same settle again.
    pub(super) fn transaction_settles_again(&mut self, plan: SettlePlan) {
        self.unpark = plan.list;
        if let Some(open) = &mut self.transaction {
            open.listed = plan.unpark;
            open.stage = if plan.last { Stage::Open } else { Stage::Closing };
        }
    }

    /// Back to the last committed position: nothing of this transaction was sent (rule 16). Verdicts stand.
    pub(super) fn abort(&mut self) {
        let Some(open) = &mut self.transaction else { return };
        if open.blame == Blame::Unknown {
            open.fruitless += 1;
            if self.is_fruitless() {
                self.shrink_transaction();
            }
        }
        let Some(open) = &mut self.transaction else { return };
        open.restart();
        if !self.mutations.keep_acknowledged_of_aborted {
            self.window.go_back();
            self.table.go_back();
            self.unpark.clear();
        }
    }

    /// The commit failed, or its end is unknown: a new producer ends it either way, and the position says which (rule 13).
    pub(super) fn aborted(&mut self, now: Duration, class: Class) {
        if !self.can_go_back() {
            return;
        }
        if self.mutations.resume_without_position && self.phase == Phase::Running {
            self.settle_again(now);
            self.producer = Producer::Missing;
            return;
        }
        self.forget();
        self.phase = Phase::Load { at: now };
        self.producer = Producer::Missing;
        self.back_off(now, class);
    }

    /// Whether the memory may be taken back; otherwise the log is not ours, or is being given back.
    pub fn can_go_back(&self) -> bool {
        matches!(self.phase, Phase::Running | Phase::Loading)
    }

    /// An orderly stop ends with a settle after which the stored cursor is the truth again. Whether it is written.
    pub(super) fn ends(&mut self, now: Duration, actions: &mut Vec<Action>) -> bool {
        if self.transaction.is_none() || self.is_in(Stage::Ended) {
            return true;
        }
        if self.is_in(Stage::Open) && self.may_settle(now) {
            let (upto, unpark) = (self.window.base, self.take_listed());
            let plan = SettlePlan { upto, unpark, last: true, ..SettlePlan::default() };
            self.enter(Stage::Settling);
            self.settling = Some(plan.clone());
            actions.push(Action::Settle(plan));
        }
        false
    }
}
