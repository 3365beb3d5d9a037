//! Payloads in memory: what the machine knows as numbers.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::relay::machine::Seq;
use crate::store::{Page, StoredRecord};

/// What a row takes in memory beside its key, headers and payload.
const ROW_BYTES: usize = 200;

struct Slot<C> {
    start: Seq,
    page: Page<C>,
    /// Lane of each record handed to the machine so far.
    lanes: Vec<u32>,
}

/// Pages of the log that are not settled wholly, and the automatic rows of the parked table.
pub(super) struct Pages<C> {
    slots: VecDeque<Slot<C>>,
    rows: BTreeMap<Seq, (StoredRecord, Option<u32>)>,
    /// What they weigh.
    pub(super) rows_bytes: usize,
    /// Positions of all parked rows by number.
    positions: BTreeMap<Seq, i64>,
    /// The same the other way round.
    by_position: HashMap<i64, Seq>,
    /// Where the next read continues.
    pub(super) next: Option<C>,
}

impl<C: Clone> Pages<C> {
    pub(super) fn new() -> Self {
        Self {
            slots: VecDeque::new(),
            rows: BTreeMap::new(),
            rows_bytes: 0,
            positions: BTreeMap::new(),
            by_position: HashMap::new(),
            next: None,
        }
    }

    /// Keeps a page; an empty one only moves the end of the one before.
    pub(super) fn push(&mut self, start: Seq, page: Page<C>) {
        self.next = Some(page.end.clone());
        if page.records.is_empty() {
            if let Some(last) = self.slots.back_mut() {
                last.page.end = page.end;
            }
            return;
        }
        let lanes = Vec::with_capacity(page.records.len());
        self.slots.push_back(Slot { start, page, lanes });
    }

    /// The first record of the newest page that has no lane yet.
    pub(super) fn next_without_lane(&self) -> Option<&StoredRecord> {
        let slot = self.slots.back()?;
        slot.page.records.get(slot.lanes.len())
    }

    /// Gives that record its lane.
    pub(super) fn set_lane(&mut self, lane: u32) {
        if let Some(slot) = self.slots.back_mut() {
            slot.lanes.push(lane);
        }
    }

    pub(super) fn add_row(&mut self, seq: Seq, record: StoredRecord, lane: Option<u32>, is_auto: bool) {
        self.positions.insert(seq, record.position);
        self.by_position.insert(record.position, seq);
        self.drop_payload(seq);
        if is_auto {
            self.rows_bytes += ROW_BYTES + record.bytes();
            self.rows.insert(seq, (record, lane));
        }
    }

    /// The row was sent; its position is still asked for.
    pub(super) fn drop_payload(&mut self, seq: Seq) {
        if let Some((record, _)) = self.rows.remove(&seq) {
            self.rows_bytes = self.rows_bytes.saturating_sub(ROW_BYTES + record.bytes());
        }
    }

    pub(super) fn set_row_lane(&mut self, seq: Seq, lane: u32) {
        if let Some((_, row_lane)) = self.rows.get_mut(&seq) {
            *row_lane = Some(lane);
        }
    }

    /// Takes the lanes of a topic's rows away; these rows, in order.
    pub(super) fn forget_lanes(&mut self, lanes: &[u32]) -> Vec<Seq> {
        let away = |lane: &Option<u32>| lane.is_some_and(|lane| lanes.contains(&lane));
        let rows = self.rows.iter_mut().filter(|(_, (_, lane))| away(lane));
        rows.map(|(seq, (_, lane))| {
            *lane = None;
            *seq
        })
        .collect()
    }

    pub(super) fn remove_row(&mut self, seq: Seq) {
        self.drop_payload(seq);
        if let Some(position) = self.positions.remove(&seq) {
            self.by_position.remove(&position);
        }
    }

    /// A record of the log or of the table, and its lane.
    pub(super) fn get(&self, seq: Seq) -> Option<(&StoredRecord, u32)> {
        if let Some(slot) = self.slot(seq) {
            let at = (seq - slot.start) as usize;
            if let (Some(record), Some(lane)) = (slot.page.records.get(at), slot.lanes.get(at)) {
                return Some((record, *lane));
            }
        }
        self.rows.get(&seq).map(|(record, lane)| (record, lane.unwrap_or(0)))
    }

    /// The lane of such a record, without a look at it.
    pub(super) fn lane(&self, seq: Seq) -> Option<u32> {
        let slot = self.slot(seq);
        let lane = slot.and_then(|slot| slot.lanes.get((seq - slot.start) as usize).copied());
        lane.or_else(|| self.rows.get(&seq)?.1)
    }

    pub(super) fn row(&self, seq: Seq) -> Option<&StoredRecord> {
        self.rows.get(&seq).map(|(record, _)| record)
    }

    pub(super) fn position(&self, seq: Seq) -> Option<i64> {
        self.positions.get(&seq).copied()
    }

    /// The row of the parked table at `position`.
    pub(super) fn seq_of(&self, position: i64) -> Option<Seq> {
        self.by_position.get(&position).copied()
    }

    fn slot(&self, seq: Seq) -> Option<&Slot<C>> {
        let after = self.slots.partition_point(|slot| slot.start <= seq);
        self.slots.get(after.checked_sub(1)?)
    }

    /// The cursor that says "all below `upto` is settled".
    pub(super) fn cursor(&self, upto: Seq, cursor_at: impl Fn(&C, i64) -> C) -> Option<C> {
        let last = upto.checked_sub(1)?;
        let slot = self.slot(last)?;
        let at = (last - slot.start) as usize;
        if at + 1 == slot.page.records.len() {
            return Some(slot.page.end.clone());
        }
        slot.page.records.get(at).map(|record| cursor_at(&slot.page.window, record.position))
    }

    /// Drops the pages that are settled wholly.
    pub(super) fn settle(&mut self, upto: Seq) {
        while self.slots.front().is_some_and(|slot| slot.start + slot.page.records.len() as u64 <= upto) {
            self.slots.pop_front();
        }
    }
}
