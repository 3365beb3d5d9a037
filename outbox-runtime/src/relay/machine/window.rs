//! The records of the log in memory, from the settled cursor to the newest one read.

use std::collections::VecDeque;

use super::{Input, Seq};

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Read, not in flight.
    Waiting,
    /// Handed to the producer, not answered.
    InFlight,
    /// Acknowledged.
    Acknowledged,
    /// Decided: parked, with a verdict of its own.
    Failed,
    /// Decided: parked behind another one.
    Auto,
}

impl State {
    pub(super) fn is_decided(self) -> bool {
        !matches!(self, Self::Waiting | Self::InFlight)
    }
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) input: Input,
    pub(super) state: State,
}

/// `base` ≤ `decided` ≤ `next` ≤ `end`: settled below `base`, decided below `decided`, handed out below `next`.
#[derive(Debug, Default)]
pub(super) struct Window {
    entries: VecDeque<Entry>,
    pub(super) base: Seq,
    pub(super) decided: Seq,
    pub(super) next: Seq,
    /// Highest `next` ever: nothing from here on was ever sent.
    pub(super) high: Seq,
    /// Bytes from `base` to `next`.
    pub(super) bytes_out: u64,
    /// Bytes of all entries.
    pub(super) bytes: u64,
}

impl Window {
    pub(super) fn starting_at(base: Seq) -> Self {
        Self { base, decided: base, next: base, high: base, ..Self::default() }
    }

    pub(super) fn end(&self) -> Seq {
        self.base + self.entries.len() as u64
    }

    pub(super) fn push(&mut self, input: Input) {
        self.bytes += u64::from(input.bytes);
        self.entries.push_back(Entry { input, state: State::Waiting });
    }

    pub(super) fn get(&self, seq: Seq) -> Option<&Entry> {
        self.entries.get(seq.checked_sub(self.base)? as usize)
    }

    pub(super) fn get_mut(&mut self, seq: Seq) -> Option<&mut Entry> {
        self.entries.get_mut(seq.checked_sub(self.base)? as usize)
    }

    /// Steps over `next`.
    pub(super) fn step(&mut self, bytes: u32) {
        self.bytes_out += u64::from(bytes);
        self.next += 1;
        self.high = self.high.max(self.next);
    }

    /// Moves `decided` to the end of the decided prefix.
    pub(super) fn advance(&mut self) {
        while self.decided < self.next && self.get(self.decided).is_some_and(|entry| entry.state.is_decided()) {
            self.decided += 1;
        }
    }

    /// Drops what is settled.
    pub(super) fn settle(&mut self, upto: Seq) {
        while self.base < upto {
            let Some(entry) = self.entries.pop_front() else { break };
            let bytes = u64::from(entry.input.bytes);
            self.bytes -= bytes;
            if self.base < self.next {
                self.bytes_out -= bytes;
            }
            self.base += 1;
        }
        self.decided = self.decided.max(self.base);
        self.next = self.next.max(self.base);
        self.high = self.high.max(self.base);
    }

    /// The topic of these lanes is away: its records that are not decided yet wait in the table (rule 9).
    pub(super) fn wait_in(&mut self, lanes: &[u32]) {
        for entry in &mut self.entries {
            entry.input.waits |= entry.state == State::Waiting && lanes.contains(&entry.input.lane);
        }
    }

    /// The transaction of what is acknowledged is aborted: nothing was sent. Verdicts stand.
    pub(super) fn go_back(&mut self) {
        for entry in self.entries.iter_mut().filter(|entry| entry.state == State::Acknowledged) {
            entry.state = State::Waiting;
        }
        self.decided = self.base;
    }

    /// The producer is gone: hand out again from the decided prefix on. Returns the records that were in flight.
    pub(super) fn recall(&mut self) -> Vec<(Seq, u32)> {
        self.advance();
        let mut recalled = Vec::new();
        for seq in self.decided..self.high {
            if let Some(entry) = self.get_mut(seq).filter(|entry| entry.state == State::InFlight) {
                entry.state = State::Waiting;
                recalled.push((seq, entry.input.lane));
            }
        }
        self.next = self.decided;
        self.bytes_out =
            self.entries.iter().take((self.next - self.base) as usize).map(|e| u64::from(e.input.bytes)).sum();
        recalled
    }
}
