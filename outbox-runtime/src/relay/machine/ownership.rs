//! Lease, fence, producer's life and the orderly stop (rules 1, 2, 5).

use std::time::Duration;

use super::table::Row;
use super::window::Window;
use super::{Action, Event, Lanes, Machine, Producer, RowInput, SettlePlan, StoreOp, Table};

/// How far this relay is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Standby {
        at: Duration,
        fresh: bool,
    },
    Acquiring,
    Load {
        at: Duration,
    },
    Loading,
    Running,
    /// Fenced: the producer is dropped first.
    Dropping,
    Releasing,
    Stopped,
}

/// A standby asks at least this often: so long does a log wait that was given back.
const STANDBY_MAX: Duration = Duration::from_millis(250);
const STORE_PAUSE_MIN: Duration = Duration::from_millis(50);
const STORE_PAUSE_MAX: Duration = Duration::from_secs(2);

impl Machine {
    pub(super) fn keep_lease(&mut self, now: Duration, actions: &mut Vec<Action>) {
        let phase = self.phase;
        match phase {
            Phase::Standby { .. } | Phase::Dropping if self.shutdown.is_some() => self.phase = Phase::Stopped,
            Phase::Load { .. } if self.shutdown.is_some() => {
                self.phase = Phase::Releasing;
                actions.push(Action::Release);
            }
            Phase::Standby { at, fresh } if self.due(now, at) => {
                self.phase = Phase::Acquiring;
                if self.mutations.load_before_lease && fresh {
                    actions.push(Action::Load);
                }
                actions.push(Action::Acquire { fresh });
            }
            Phase::Load { at } if self.may_load() && self.due(now, at) => {
                self.phase = Phase::Loading;
                actions.push(Action::Load);
            }
            _ if self.is_renewed() && !self.renewing && self.due(now, self.renew_at) => {
                self.renewing = true;
                actions.push(Action::Renew);
            }
            _ => {}
        }
        if self.phase == Phase::Stopped {
            actions.push(Action::Stop);
        }
    }

    /// Rule 13: the position is read only when nobody else can commit any more.
    fn may_load(&self) -> bool {
        self.transaction.is_none() || self.producer == Producer::Ready
    }

    /// Beginning a transaction may take longer than a lease.
    fn is_renewed(&self) -> bool {
        let loads = matches!(self.phase, Phase::Load { .. } | Phase::Loading);
        self.phase == Phase::Running || (loads && self.transaction.is_some())
    }

    pub(super) fn keep_producer(&mut self, now: Duration, actions: &mut Vec<Action>) {
        let drop_it = match self.producer {
            Producer::Draining { until } => self.lanes.in_flight_elsewhere() == 0 || self.due(now, until),
            Producer::Broken => self.phase != Phase::Stopped,
            Producer::Missing => match self.outage_until {
                Some(until) => self.due(now, until),
                None => true,
            },
            Producer::Ready | Producer::Rebuilding => false,
        };
        if drop_it {
            self.recall();
            self.producer = Producer::Rebuilding;
            // Who is fenced begins nothing: it would fence the rightful owner.
            let begins = self.transaction.is_some() && self.phase != Phase::Dropping;
            actions.push(if begins { Action::Begin } else { Action::Rebuild });
        }
    }

    pub(super) fn rebuilt(&mut self, now: Duration, result: Result<(), crate::sink::Class>) {
        match result {
            Ok(()) => self.producer = Producer::Ready,
            Err(_) => {
                self.producer = Producer::Missing;
                self.back_off(now, crate::sink::Class::Outage);
            }
        }
        if self.phase == Phase::Dropping && result.is_ok() {
            self.phase = Phase::Standby { at: now, fresh: true };
        }
    }

    pub(super) fn owned(&mut self, now: Duration, event: Event<'_>) {
        match event {
            Event::Acquired { until } => {
                self.store_failures = 0;
                self.hold(now, until);
                self.phase = if self.preloaded { Phase::Running } else { Phase::Load { at: now } };
                if self.transaction.is_some() {
                    self.producer = Producer::Broken;
                }
            }
            Event::Held { remaining } => {
                self.phase = Phase::Standby { at: now + remaining.min(STANDBY_MAX), fresh: false };
            }
            Event::Loaded(rows) => self.loaded(now, rows),
            Event::Renewed { until } => {
                self.renewing = false;
                self.hold(now, until);
            }
            Event::Released => self.phase = Phase::Stopped,
            Event::StoreFailed(op) => self.store_failed(now, op),
            Event::Fenced => self.fenced(),
            _ => {}
        }
    }

    fn hold(&mut self, now: Duration, until: Duration) {
        self.lease_until = until;
        self.renew_at = now + self.config.lease / 3;
    }

    fn loaded(&mut self, now: Duration, rows: &[RowInput]) {
        self.window = Window::starting_at(rows.len() as u64);
        for (seq, row) in (0..).zip(rows) {
            let RowInput { key, state, lane } = *row;
            let key = if self.mutations.null_keys_gated { key.or(Some(0)) } else { key };
            self.table.insert(seq, Row::new(key, state, lane));
        }
        self.read_at = now;
        self.more = true;
        if self.mutations.load_before_lease && matches!(self.phase, Phase::Acquiring | Phase::Standby { .. }) {
            self.preloaded = true;
        } else {
            self.phase = Phase::Running;
        }
    }

    fn store_failed(&mut self, now: Duration, op: StoreOp) {
        let at = now + self.store_pause();
        self.store_failures = self.store_failures.saturating_add(1);
        match op {
            StoreOp::Acquire => self.phase = Phase::Standby { at, fresh: false },
            StoreOp::Load => self.phase = Phase::Load { at },
            StoreOp::Read => {
                self.reading = false;
                self.read_at = at;
                self.read_failed = true;
            }
            StoreOp::Settle => self.settle_again(now),
            StoreOp::Renew => {
                self.renewing = false;
                self.renew_at = at;
            }
            StoreOp::Release => self.phase = Phase::Stopped,
            StoreOp::Command => self.command_failed(at),
        }
    }

    pub(super) fn store_pause(&self) -> Duration {
        STORE_PAUSE_MIN.saturating_mul(1 << self.store_failures.min(6)).min(STORE_PAUSE_MAX)
    }

    /// Rule 2: nothing of the memory is worth anything any more.
    fn fenced(&mut self) {
        if matches!(self.phase, Phase::Stopped) {
            return;
        }
        if self.phase == Phase::Releasing {
            self.phase = Phase::Stopped;
            return;
        }
        self.forget();
        self.phase = Phase::Dropping;
        if self.producer != Producer::Rebuilding {
            self.producer = Producer::Broken;
        }
    }

    /// Drops what is known of the log.
    pub(super) fn forget(&mut self) {
        self.window = Window::default();
        self.table = Table::new(self.mutations.rows_pass_the_gate);
        self.lanes = Lanes::default();
        self.out.clear();
        self.suspects.clear();
        self.alone = None;
        self.in_flight = 0;
        self.park.clear();
        self.unpark.clear();
        self.settling = None;
        self.settle_failed = false;
        self.commanding = false;
        self.skipping = None;
        self.command_at = Duration::ZERO;
        self.read_failed = false;
        self.preloaded = false;
        self.reading = false;
        self.renewing = false;
        if let Some(open) = &mut self.transaction {
            open.forget();
        }
    }

    /// The orderly stop: everything sent is acknowledged and settled, or the time for it is over.
    pub(super) fn finish(&mut self, now: Duration, actions: &mut Vec<Action>) {
        let Some(until) = self.shutdown else {
            return;
        };
        let idle = self.in_flight == 0 && self.window.decided >= self.window.high && self.suspects.is_empty();
        let settled = self.settling.is_none() && self.window.base >= self.window.high && self.unpark.is_empty();
        // A settle under way is worth waiting for, but not for ever.
        let overdue =
            if self.settling.is_none() { self.due(now, until) } else { self.due(now, until + self.config.drain) };
        if (idle && settled && self.park.is_empty() && self.ends(now, actions)) || overdue {
            self.phase = Phase::Releasing;
            actions.push(Action::Release);
        }
    }
}

impl SettlePlan {
    /// Whether it changes the table.
    pub fn touches_table(&self) -> bool {
        !self.park.is_empty() || !self.unpark.is_empty()
    }
}
