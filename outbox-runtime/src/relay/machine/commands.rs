//! Commands of operators about parked rows: retry and skip (rules 3, 7, 11).
//!
//! An operator only sets a mark on a row. The owner takes the marks: one transaction turns a failed row with `retry` into
//! an automatic one; a row with `skip` is taken out, with an audit, while it is not on its way, and only after that
//! transaction do its followers pass. Settles, takes and skips never run beside each other.

use std::time::Duration;

use super::{Action, Machine, Seq};
use crate::store::ParkedState;

impl Machine {
    /// Starts a skip that may be executed now, or takes new commands, if it is time.
    pub(super) fn choose_command(&mut self, now: Duration, actions: &mut Vec<Action>) {
        if self.commanding || self.settling.is_some() || self.settle_failed || self.shutdown.is_some() {
            return;
        }
        // What is decided about a row is written first.
        let skip = self.skipping.or_else(|| self.table.skip());
        let skip = skip.filter(|seq| self.park.iter().all(|(parked, _)| parked != seq));
        if skip.is_none() && self.table.parked() == 0 {
            return;
        }
        let at = self.command_at;
        match skip {
            Some(seq) if self.skipping.is_none() || self.due(now, at) => {
                self.commanding = true;
                self.skipping = Some(seq);
                self.suspects.remove(&seq);
                if self.mutations.skip_before_commit {
                    self.table.unblock(seq);
                }
                actions.push(Action::Skip(seq));
            }
            None if self.due(now, at) => {
                self.commanding = true;
                actions.push(Action::Command);
            }
            _ => {}
        }
    }

    /// The table has these marks now.
    pub(super) fn commanded(&mut self, now: Duration, retried: &[Seq], skip: &[Seq]) {
        self.commanding = false;
        self.command_turn = false;
        self.store_failures = 0;
        self.command_at = now + self.config.command_interval;
        for seq in retried {
            if let Some(row) = self.table.get_mut(*seq).filter(|row| row.state == ParkedState::Failed) {
                row.state = ParkedState::Auto;
                row.retried = true;
                // Its payload is new to the shell, which looks the partition up again.
                row.lane = None;
            }
            self.table.look_again(*seq);
        }
        self.table.mark_skips(skip);
    }

    /// The skip was executed, or its mark was taken back.
    pub(super) fn skipped(&mut self, seq: Seq, gone: bool) {
        self.commanding = false;
        self.command_turn = false;
        self.store_failures = 0;
        self.skipping = None;
        if gone {
            self.table.unblock(seq);
            self.table.remove(seq);
        } else if let Some(row) = self.table.get_mut(seq) {
            row.skip = false;
            self.table.look_again(seq);
        }
    }

    /// Whether it was executed is unknown: the same again, which finds nothing left to do.
    pub(super) fn command_failed(&mut self, at: Duration) {
        self.commanding = false;
        self.command_turn = false;
        self.command_at = at;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Action, Machine};
    use crate::relay::machine::{Config, Event, Input, RowInput};
    use crate::store::ParkedState;

    /// Many skips take long, a synchronous commit each: meanwhile the log's records are settled all the same.
    #[test]
    fn skips_and_settles_take_turns() {
        let mut machine = Machine::new(Config::default());
        let mut now = Duration::from_secs(1);
        let mut actions = Vec::new();
        let row = RowInput { key: None, state: ParkedState::Failed, lane: None };
        let record = Input { lane: 0, key: None, bytes: 1, refused: false, waits: false, barrier: false };
        machine.poll(now, &mut actions);
        machine.handle(now, Event::Acquired { until: now + Duration::from_secs(3_600) });
        machine.handle(now, Event::Loaded(&[row; 50]));
        machine.handle(now, Event::Commands { retried: &[], skip: &(0..50).collect::<Vec<_>>() });
        machine.handle(now, Event::Read { records: &[record], done: true, more: false });
        machine.poll(now, &mut actions);
        machine.handle(now, Event::Delivered(&[(50, Ok(()))]));
        let mut skipped = 0;
        while machine.settled_end() <= 50 {
            for action in std::mem::take(&mut actions) {
                match action {
                    Action::Skip(seq) => {
                        skipped += 1;
                        machine.handle(now, Event::Skipped { seq, gone: true });
                    }
                    Action::Settle(_) => machine.handle(now, Event::Settled),
                    _ => {}
                }
            }
            now += Duration::from_millis(5);
            machine.poll(now, &mut actions);
        }
        assert!(skipped < 10, "{skipped} skips before the settle");
    }
}
