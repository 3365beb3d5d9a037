//! Which records are sent now, and what an answer means (rules 4–7, 10, 12).

use std::time::Duration;

use super::table::Row;
use super::window::State;
use super::{Machine, Producer, Seq};
use crate::sink::Class;
use crate::store::ParkedState;

/// Most records handed out in one go, so that answers and renewals are looked at in between.
const BURST: usize = 4_096;
const BACKOFF_MIN: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// How long a producer of no use may still answer what it has; a sink needs about a second to give up by itself.
const BROKEN_DRAIN: Duration = Duration::from_secs(2);

impl Machine {
    /// Fills `out` with what is to be sent now, sorted by partition, in order inside each.
    pub(super) fn choose(&mut self, now: Duration) {
        if self.producer != Producer::Ready || !self.out.is_empty() || self.left_in_transaction() == 0 {
            return;
        }
        if now >= self.lease_until && !self.mutations.ignore_fence {
            return;
        }
        if let Some(until) = self.outage_until
            && !self.due(now, until)
        {
            return;
        }
        // Nothing goes behind a suspect until it is answered.
        if self.suspects.is_empty() && self.alone.is_none() {
            // Rows that are tried again take turns with everything else.
            let retry = self.table.retry().filter(|_| self.shutdown.is_none());
            if retry.is_none() || !self.retry_turn {
                self.choose_rows();
                self.walk();
                self.out.sort_unstable();
            }
            self.retry_turn = !self.out.is_empty();
            if self.retry_turn {
                return;
            }
            self.suspects.extend(retry);
        }
        self.choose_suspect();
    }

    /// Rule 7: one suspect at a time, nothing else in flight.
    fn choose_suspect(&mut self) {
        while self.in_flight == 0 {
            let Some(seq) = self.suspects.pop_first() else { return };
            let Some((lane, key)) = self.place(seq) else { continue };
            let is_row = seq < self.window.base;
            let waits = self.window.get(seq).is_some_and(|entry| entry.input.waits);
            if !is_row && (waits || key.is_some_and(|key| self.is_blocked(key, seq))) {
                self.decide(seq, ParkedState::Auto);
                continue;
            }
            if is_row && self.table.get(seq).is_none_or(|row| row.lane.is_none()) {
                // Its topic is away.
                continue;
            }
            self.alone = Some(seq);
            self.add_to_transaction(is_row);
            self.launch(seq, lane);
        }
    }

    /// Rule 10 and 12: automatic rows in position order, in slots of their own.
    fn choose_rows(&mut self) {
        if !self.table.has_ready() || self.shutdown.is_some() {
            return;
        }
        let free = self.config.table_slots.max(1).saturating_sub(self.table.in_flight);
        let free = free.min(self.rows_left_in_transaction());
        let ready: Vec<Seq> = self.table.ready().take(free).collect();
        for seq in ready {
            let Some(lane) = self.table.get(seq).and_then(|row| row.lane) else { continue };
            let at = self.lanes.get(lane);
            // Rule 6; also never overtake the log's records that wait for the first acknowledgement.
            if (at.proven && at.held.is_empty()) || at.in_flight == 0 || self.mutations.first_not_alone {
                self.add_to_transaction(true);
                self.launch(seq, lane);
            }
        }
    }

    /// The log in order, through the gate, as far as the window allows.
    fn walk(&mut self) {
        let end = if self.shutdown.is_some() { self.window.high } else { self.window.end() };
        while self.window.next < end && self.out.len() < BURST && self.left_in_transaction() > 0 {
            let seq = self.window.next;
            let in_window = seq < self.window.base + self.config.window_records
                && (self.window.bytes_out < self.config.window_bytes || seq == self.window.base);
            if !in_window && !self.mutations.no_window {
                return;
            }
            let Some(entry) = self.window.get(seq) else { return };
            let (input, state) = (entry.input, entry.state);
            if input.barrier && state == State::Waiting && self.in_flight > 0 {
                return;
            }
            self.window.step(input.bytes);
            if state != State::Waiting {
                continue;
            }
            if input.refused {
                self.decide(seq, ParkedState::Failed);
                continue;
            }
            if input.waits {
                self.decide(seq, ParkedState::Auto);
                continue;
            }
            if !self.table.is_clear() && input.key.is_some_and(|key| self.is_blocked(key, seq)) {
                self.decide(seq, ParkedState::Auto);
                continue;
            }
            self.add_to_transaction(false);
            let lane = self.lanes.get(input.lane);
            if !lane.proven && lane.in_flight > 0 && !self.mutations.first_not_alone {
                lane.held.push_back(seq);
            } else {
                self.launch(seq, input.lane);
            }
        }
    }

    /// The gate, for a record of the log: an earlier record of its key that is parked blocks it. Every other earlier
    /// one is acknowledged or ahead in its lane, because the log is walked in order and lanes are queues.
    fn is_blocked(&self, key: u64, seq: Seq) -> bool {
        if self.mutations.gate_sees_table_only {
            return self.table.blocks_written(key, seq);
        }
        self.table.blocks(key, seq)
    }

    fn launch(&mut self, seq: Seq, lane: u32) {
        self.lanes.get(lane).in_flight += 1;
        self.in_flight += 1;
        match self.window.get_mut(seq) {
            Some(entry) => entry.state = State::InFlight,
            None => {
                if let Some(row) = self.table.get_mut(seq) {
                    row.in_flight = true;
                }
                self.table.in_flight += 1;
                self.table.look_again(seq);
            }
        }
        self.out.push((lane, seq));
    }

    /// An answer of the sink.
    pub(super) fn answered(&mut self, now: Duration, seq: Seq, result: Result<(), Class>) {
        let is_row = seq < self.window.base;
        let in_flight = match self.window.get(seq) {
            Some(entry) => entry.state == State::InFlight,
            None => is_row && self.table.get(seq).is_some_and(|row| row.in_flight),
        };
        let Some((lane, _)) = self.place(seq).filter(|_| in_flight) else { return };
        match result {
            Ok(()) => self.acknowledged(seq, lane),
            Err(Class::Park) => self.rejected(now, seq, lane),
            Err(class) => self.broken(now, seq, lane, class),
        }
    }

    fn acknowledged(&mut self, seq: Seq, lane: u32) {
        if self.transaction.is_none() {
            self.published += 1;
        }
        if self.producer == Producer::Ready {
            self.attempts = 0;
            self.outage_until = None;
        }
        self.leaves_flight(seq, lane);
        match self.window.get_mut(seq) {
            Some(entry) => entry.state = State::Acknowledged,
            None => {
                self.table.acknowledge(seq);
                self.unpark.push(seq);
            }
        }
        let at = self.lanes.get(lane);
        at.proven = true;
        // A producer that is about to be dropped takes nothing more.
        if self.producer != Producer::Ready {
            return;
        }
        while let Some(held) = self.lanes.get(lane).held.pop_front() {
            self.launch(held, lane);
        }
    }

    /// Takes a record off the counts of what is in flight.
    fn leaves_flight(&mut self, seq: Seq, lane: u32) {
        let at = self.lanes.get(lane);
        at.in_flight = at.in_flight.saturating_sub(1);
        self.in_flight = self.in_flight.saturating_sub(1);
        if self.window.get(seq).is_none() {
            self.table.in_flight = self.table.in_flight.saturating_sub(1);
        }
        if self.alone == Some(seq) {
            self.alone = None;
        }
    }

    /// Rule 7: alone it is failed; in company all of its partition become suspects, after the others have drained.
    fn rejected(&mut self, now: Duration, seq: Seq, lane: u32) {
        if self.alone == Some(seq) || self.is_alone_in_transaction() || self.mutations.park_whole_batch {
            self.leaves_flight(seq, lane);
            self.decide(seq, ParkedState::Failed);
            self.blame();
            self.producer = Producer::Broken;
            return;
        }
        if self.transaction.is_some() {
            self.shrink_transaction();
            self.blame();
            self.producer = Producer::Broken;
            return;
        }
        self.lanes.get(lane).rejected = true;
        if self.producer == Producer::Ready {
            self.producer = Producer::Draining { until: now + self.config.drain };
        }
    }

    /// The producer is of no use any more, or the broker is away: the same again on a new one, after a while.
    fn broken(&mut self, now: Duration, seq: Seq, lane: u32, class: Class) {
        if self.mutations.resend_without_rebuild {
            self.leaves_flight(seq, lane);
            self.launch(seq, lane);
            return;
        }
        if self.alone == Some(seq) {
            self.suspects.insert(seq);
        }
        self.note_class(class);
        // It is not on its way any more; sent again it is only by the next producer.
        let at = self.lanes.get(lane);
        at.in_flight = at.in_flight.saturating_sub(1);
        // The verdict that broke the producer may come after the answers it caused, and other partitions may have been
        // acknowledged meanwhile: a producer that is dropped at once forgets both, and meets the same record again.
        if self.producer == Producer::Ready {
            self.producer = Producer::Draining { until: now + self.config.drain.min(BROKEN_DRAIN) };
            self.back_off(now, class);
        }
    }

    /// Attempts are counted for the pause only, never against the record.
    pub(super) fn back_off(&mut self, now: Duration, class: Class) {
        if matches!(class, Class::Outage | Class::Topic) || self.attempts > 0 {
            let pause = BACKOFF_MIN.saturating_mul(1 << self.attempts.min(6)).min(BACKOFF_MAX);
            self.outage_until = Some(now + pause);
        }
        self.attempts = self.attempts.saturating_add(1);
    }

    /// Rule 5 and 7: the producer is dropped; what was in flight passes the gate again, in order; what stood in a
    /// partition with a rejection is suspect.
    pub(super) fn recall(&mut self) {
        self.abort();
        let mut recalled = self.window.recall();
        recalled.extend(self.table.recall());
        for (seq, lane) in recalled {
            if self.lanes.is_rejected(lane) || self.alone == Some(seq) {
                self.suspects.insert(seq);
            }
        }
        self.lanes.reset();
        self.in_flight = 0;
        self.alone = None;
        self.out.clear();
    }

    /// A record is decided without being acknowledged.
    fn decide(&mut self, seq: Seq, state: ParkedState) {
        let follower_failed = state == ParkedState::Auto && self.mutations.followers_failed;
        let state = if follower_failed { ParkedState::Failed } else { state };
        let key = self.place(seq).and_then(|(_, key)| key);
        self.park.push((seq, state));
        match self.window.get_mut(seq) {
            Some(entry) => {
                entry.state = if state == ParkedState::Failed { State::Failed } else { State::Auto };
                if let Some(key) = key {
                    self.table.block(key, seq);
                }
            }
            None => {
                if let Some(row) = self.table.get_mut(seq) {
                    *row = Row { state, in_flight: false, retried: false, ..*row };
                }
                self.table.look_again(seq);
            }
        }
    }

    /// Lane and key of a record of the log or of the table.
    pub(super) fn place(&self, seq: Seq) -> Option<(u32, Option<u64>)> {
        match self.window.get(seq) {
            Some(entry) => Some((entry.input.lane, entry.input.key)),
            None => self.table.get(seq).map(|row| (row.lane.unwrap_or(0), row.key)),
        }
    }
}
