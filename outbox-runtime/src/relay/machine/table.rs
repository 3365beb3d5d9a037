//! The parked table in memory, and the gate (rules 3, 4, 10).
//!
//! Failed and automatic records block the later ones of their key, whether their row is written already or not.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Seq;
use crate::store::ParkedState;

/// A row that is written in the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) key: Option<u64>,
    pub(super) state: ParkedState,
    pub(super) lane: Option<u32>,
    pub(super) in_flight: bool,
    pub(super) acknowledged: bool,
    /// It had a verdict, and is tried again: alone.
    pub(super) retried: bool,
    /// An operator gives it up.
    pub(super) skip: bool,
}

impl Row {
    pub(super) fn new(key: Option<u64>, state: ParkedState, lane: Option<u32>) -> Self {
        Self { key, state, lane, in_flight: false, acknowledged: false, retried: false, skip: false }
    }
}

/// Rows and blocked keys.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: BTreeMap<Seq, Row>,
    /// Unfinished failed and automatic records of each key, in memory or in the table.
    blocked: HashMap<u64, BTreeSet<Seq>>,
    /// Automatic rows that pass the gate and are not in flight.
    ready: BTreeSet<Seq>,
    /// The same for those that go alone.
    retries: BTreeSet<Seq>,
    /// Rows to be skipped that are not in flight.
    skips: BTreeSet<Seq>,
    pub(super) in_flight: usize,
    /// Mutant of rule 10.
    ungated: bool,
}

impl Table {
    pub(super) fn new(ungated: bool) -> Self {
        Self { ungated, ..Self::default() }
    }

    /// Whether nothing is parked: the fast path.
    pub(super) fn is_clear(&self) -> bool {
        self.blocked.is_empty()
    }

    /// Whether an earlier unfinished record of `key` is parked.
    pub(super) fn blocks(&self, key: u64, seq: Seq) -> bool {
        self.blocked.get(&key).and_then(BTreeSet::first).is_some_and(|first| *first < seq)
    }

    /// As [`Table::blocks`], by written rows only (mutant of rule 4).
    pub(super) fn blocks_written(&self, key: u64, seq: Seq) -> bool {
        self.blocked.get(&key).is_some_and(|seqs| seqs.range(..seq).any(|row| self.rows.contains_key(row)))
    }

    /// A record was decided failed or automatic.
    pub(super) fn block(&mut self, key: u64, seq: Seq) {
        self.blocked.entry(key).or_default().insert(seq);
    }

    /// A row stands in the table.
    pub(super) fn insert(&mut self, seq: Seq, row: Row) {
        if let Some(key) = row.key {
            self.block(key, seq);
        }
        self.rows.insert(seq, row);
        self.look_again(seq);
    }

    pub(super) fn get_mut(&mut self, seq: Seq) -> Option<&mut Row> {
        self.rows.get_mut(&seq)
    }

    pub(super) fn get(&self, seq: Seq) -> Option<&Row> {
        self.rows.get(&seq)
    }

    pub(super) fn remove(&mut self, seq: Seq) {
        self.ready.remove(&seq);
        self.retries.remove(&seq);
        self.skips.remove(&seq);
        self.rows.remove(&seq);
    }

    /// A row was acknowledged: its key is free when it was the last.
    pub(super) fn acknowledge(&mut self, seq: Seq) {
        let Some(row) = self.rows.get_mut(&seq) else { return };
        row.in_flight = false;
        row.acknowledged = true;
        self.unblock(seq);
    }

    /// The transaction of the acknowledged rows is aborted: they are idle, and hold up their keys again.
    pub(super) fn go_back(&mut self) {
        let acknowledged: Vec<(Seq, Option<u64>)> =
            self.rows.iter().filter(|(_, row)| row.acknowledged).map(|(seq, row)| (*seq, row.key)).collect();
        for (seq, key) in acknowledged {
            if let Some(row) = self.rows.get_mut(&seq) {
                row.acknowledged = false;
            }
            if let Some(key) = key {
                let next = self.blocked.get(&key).and_then(BTreeSet::first).copied();
                self.block(key, seq);
                // It is not the first of its key any more.
                next.into_iter().for_each(|next| self.look_again(next));
            }
            self.look_again(seq);
        }
    }

    /// A row does not hold up its key any more.
    pub(super) fn unblock(&mut self, seq: Seq) {
        self.look_again(seq);
        let Some(key) = self.rows.get(&seq).and_then(|row| row.key) else { return };
        let Some(seqs) = self.blocked.get_mut(&key) else { return };
        seqs.remove(&seq);
        match seqs.first().copied() {
            Some(next) => self.look_again(next),
            None => drop(self.blocked.remove(&key)),
        }
    }

    /// Puts a row among the ready ones when it may be sent: automatic, idle, and the first of its key.
    pub(super) fn look_again(&mut self, seq: Seq) {
        let Some(row) = self.rows.get(&seq) else { return };
        let first = |key| self.blocked.get(&key).and_then(BTreeSet::first).is_none_or(|first| *first == seq);
        let passes = row.key.is_none_or(first) || self.ungated;
        let idle = !row.in_flight && !row.acknowledged;
        let ready = row.state == ParkedState::Auto && idle && passes && row.lane.is_some() && !row.skip;
        let (retried, skip) = (row.retried, row.skip && idle);
        put(&mut self.ready, seq, ready && !retried);
        put(&mut self.retries, seq, ready && retried);
        put(&mut self.skips, seq, skip);
    }

    /// The first row that is to be tried again, and may be.
    pub(super) fn retry(&self) -> Option<Seq> {
        self.retries.first().copied()
    }

    /// The first row that is to be skipped, and may be.
    pub(super) fn skip(&self) -> Option<Seq> {
        self.skips.first().copied()
    }

    /// These are to be skipped, and no others.
    pub(super) fn mark_skips(&mut self, skips: &[Seq]) {
        let skips: BTreeSet<Seq> = skips.iter().copied().collect();
        let before: BTreeSet<Seq> = self.rows.iter().filter(|(_, row)| row.skip).map(|(seq, _)| *seq).collect();
        for seq in before.union(&skips) {
            if let Some(row) = self.rows.get_mut(seq) {
                row.skip = skips.contains(seq);
            }
            self.look_again(*seq);
        }
    }

    /// Ready rows in position order.
    pub(super) fn ready(&self) -> impl Iterator<Item = Seq> + '_ {
        self.ready.iter().copied()
    }

    pub(super) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The producer is gone: rows in flight are idle again; they are returned with their lanes.
    pub(super) fn recall(&mut self) -> Vec<(Seq, u32)> {
        self.in_flight = 0;
        let recalled: Vec<_> =
            self.rows.iter().filter(|(_, row)| row.in_flight).map(|(seq, row)| (*seq, row.lane.unwrap_or(0))).collect();
        for (seq, _) in &recalled {
            if let Some(row) = self.rows.get_mut(seq) {
                row.in_flight = false;
            }
            self.look_again(*seq);
        }
        recalled
    }

    /// The topic of these lanes is away: its rows get a lane anew (rule 9).
    pub(super) fn wait_in(&mut self, lanes: &[u32]) {
        let away = |row: &Row| row.lane.is_some_and(|lane| lanes.contains(&lane));
        let seqs: Vec<Seq> = self.rows.iter().filter(|(_, row)| away(row)).map(|(seq, _)| *seq).collect();
        for seq in seqs {
            if let Some(row) = self.rows.get_mut(&seq) {
                row.lane = None;
            }
            self.look_again(seq);
        }
    }

    /// Rows in the table.
    pub(super) fn parked(&self) -> usize {
        self.rows.len()
    }
}

fn put(set: &mut BTreeSet<Seq>, seq: Seq, belongs: bool) {
    if belongs {
        set.insert(seq);
    } else {
        set.remove(&seq);
    }
}
