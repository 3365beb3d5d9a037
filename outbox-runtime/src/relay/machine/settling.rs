//! What is settled, and when (rule 8).

use std::time::Duration;

use super::table::Row;
use super::{Action, Machine, Seq, SettlePlan};
use crate::store::ParkedState;

impl Machine {
    /// Starts a settle: at once when the last one is some time ago, when the window is used up and in a stop.
    pub(super) fn choose_settle(&mut self, now: Duration, actions: &mut Vec<Action>) {
        if self.transaction.is_some() {
            return self.choose_commit(now, actions);
        }
        self.window.advance();
        let upto = if self.mutations.settle_over_gaps { self.last_acknowledged() } else { self.window.decided };
        let advances = upto > self.window.base;
        if self.settling.is_some()
            || self.commanding
            || !(advances || !self.unpark.is_empty() || self.has_row_to_park(upto))
        {
            return;
        }
        let decided = self.window.decided - self.window.base;
        let used_up = self.window.next >= self.window.base + self.config.window_records
            && decided >= self.config.window_records / 4;
        let at_once = used_up || self.shutdown.is_some();
        let at = self.settle_at;
        if (!at_once || self.settle_failed) && !self.due(now, at) {
            return;
        }
        let cursor_first = self.mutations.cursor_first && advances && !self.park.is_empty();
        let park = if cursor_first { Vec::new() } else { self.take_park(upto) };
        let unpark = if self.mutations.keep_acknowledged_rows { Vec::new() } else { std::mem::take(&mut self.unpark) };
        let plan = SettlePlan { upto, advances, park, unpark, ..SettlePlan::default() };
        self.settling = Some(plan.clone());
        self.settle_at = now + self.config.settle_interval;
        actions.push(Action::Settle(plan));
    }

    /// What is decided below `upto`, to be written.
    pub(super) fn take_park(&mut self, upto: Seq) -> Vec<(Seq, ParkedState)> {
        let (mut now, later): (Vec<_>, _) =
            std::mem::take(&mut self.park).into_iter().partition(|(seq, _)| *seq < upto);
        self.park = later;
        // A verdict that an operator has taken back meanwhile.
        now.retain(|(seq, state)| self.table.get(*seq).is_none_or(|row| row.state == *state));
        now
    }

    /// A row of the table that failed is written even when the cursor stands still.
    fn has_row_to_park(&self, upto: u64) -> bool {
        self.park.iter().any(|(seq, _)| *seq < upto)
    }

    fn last_acknowledged(&self) -> u64 {
        let acknowledged = |seq: &u64| self.window.get(*seq).is_some_and(|e| e.state.is_decided());
        (self.window.base..self.window.next).rev().find(acknowledged).map_or(self.window.base, |seq| seq + 1)
    }

    /// The settle is committed: what it wrote is the table now, what it passed is forgotten.
    pub(super) fn settled(&mut self) {
        let Some(plan) = self.settling.take() else { return };
        self.settle_failed = false;
        self.command_turn = true;
        for (seq, state) in plan.park {
            if let Some(input) = self.window.get(seq).map(|entry| entry.input) {
                self.table.insert(seq, Row::new(input.key, state, Some(input.lane).filter(|_| !input.waits)));
            }
        }
        self.window.settle(plan.upto);
        for seq in plan.unpark.into_iter().chain(plan.list) {
            self.table.remove(seq);
        }
    }

    /// Whether it was written is unknown: the same again. Writing a row twice and deleting it twice change nothing.
    pub(super) fn settle_again(&mut self, now: Duration) {
        if let Some(mut plan) = self.settling.take() {
            self.park.append(&mut plan.park);
            if self.transaction.is_some() {
                self.transaction_settles_again(plan);
            } else {
                self.unpark.extend(plan.unpark);
            }
        }
        self.settle_failed = true;
        self.settle_at = now + self.store_pause();
    }
}
