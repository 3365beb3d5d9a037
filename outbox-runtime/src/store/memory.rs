//! The memory store: a log without a database, for tests and for trying things out.
//!
//! It has the rules of a real one: positions ascend and are never used twice, every write is fenced by epoch and owner,
//! settled records go only through `make_room`. Its clock is tokio's, so that tests can pause it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

use super::overview::age;
use super::{
    Acquired, Commands, Lease, Loaded, Mark, Overview, PAGE_BYTES_MAX, Page, ParkedRecord, ParkedState, ParkedView,
    Position, Recovered, Settle, Store, StoreError, StoredRecord,
};
use crate::Record;

/// Rows that one `make_room` removes.
const ROWS_PER_CHUNK: usize = 1_000;
/// Records to be tried again that are taken at once.
const RETRIES_PER_TAKE: usize = 500;

/// The database.
#[derive(Debug, Default)]
struct Tables {
    /// Position given out last.
    last: i64,
    log: BTreeMap<i64, StoredRecord>,
    epoch: i64,
    owner: Option<Uuid>,
    lease_until: Option<Instant>,
    cursor: i64,
    /// The sink's transaction that the cursor was written for.
    transaction: Option<i64>,
    /// The same for parked rows.
    parked_in: BTreeMap<i64, i64>,
    identity: Uuid,
    parked: BTreeMap<i64, ParkedView>,
    skipped: Vec<ParkedRecord>,
    /// By time and place.
    delayed: BTreeMap<(Instant, u64), Record>,
    delayed_last: u64,
}

/// A log in memory. Clones share it, as connections share a database.
#[derive(Debug)]
pub struct MemoryStore {
    tables: Arc<watch::Sender<Tables>>,
    /// Up to here this clone has read; what is behind it makes `wait` return.
    seen: AtomicI64,
}

impl Default for MemoryStore {
    fn default() -> Self {
        let tables = Tables { identity: Uuid::now_v7(), ..Tables::default() };
        Self { tables: Arc::new(watch::Sender::new(tables)), seen: AtomicI64::new(0) }
    }
}

impl Clone for MemoryStore {
    fn clone(&self) -> Self {
        Self { tables: Arc::clone(&self.tables), seen: AtomicI64::new(0) }
    }
}

impl MemoryStore {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends `records` as one committed transaction; the position of the last record of the log.
    pub fn append(&self, records: Vec<Record>) -> i64 {
        let mut last = 0;
        self.tables.send_modify(|tables| {
            for record in records {
                match record.due_in() {
                    Some(delay) => tables.delay(Instant::now() + delay, record),
                    None => tables.append(record),
                }
            }
            last = tables.last;
        });
        last
    }

    /// All records of the log, settled or not, in order.
    pub fn records(&self) -> Vec<StoredRecord> {
        self.tables.borrow().log.values().cloned().collect()
    }

    /// The audit: records that were skipped, in the order in which they were.
    pub fn skipped(&self) -> Vec<ParkedRecord> {
        self.tables.borrow().skipped.clone()
    }

    /// Runs `change` alone; nobody is woken.
    fn with<T>(&self, change: impl FnOnce(&mut Tables) -> T) -> T {
        let mut result = None;
        self.tables.send_if_modified(|tables| {
            result = Some(change(tables));
            false
        });
        result.expect("`send_if_modified` calls its closure once")
    }

    /// Runs `change` if the lease is ours.
    fn fenced<T>(&self, lease: &Lease, change: impl FnOnce(&mut Tables) -> T) -> Result<T, StoreError> {
        self.with(|tables| if tables.is_owned_by(lease) { Ok(change(tables)) } else { Err(StoreError::Fenced) })
    }
}

impl Tables {
    fn is_owned_by(&self, lease: &Lease) -> bool {
        self.epoch == lease.epoch && self.owner == Some(lease.owner)
    }

    fn acquire(&mut self, owner: Uuid, duration: Duration) -> Acquired {
        let now = Instant::now();
        let remaining = self.lease_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        if self.owner.is_some_and(|other| other != owner) && !remaining.is_zero() {
            return Acquired::Held { remaining };
        }
        self.epoch += 1;
        self.owner = Some(owner);
        self.lease_until = Some(now + duration);
        Acquired::Taken(Lease { epoch: self.epoch, owner, incarnation: Uuid::nil(), log: self.identity, home: None })
    }

    fn page(&self, cursor: i64, limit: usize) -> Page<i64> {
        let mut bytes = 0;
        let fits = |record: &&StoredRecord| {
            let fits = bytes < PAGE_BYTES_MAX;
            bytes += record.bytes();
            fits
        };
        let records: Vec<_> = self.behind(cursor).take(limit).take_while(fits).cloned().collect();
        let end = records.last().map_or(cursor, |record| record.position);
        let more = self.behind(end).next().is_some();
        Page { records, window: cursor, end, more }
    }

    fn behind(&self, position: i64) -> impl Iterator<Item = &StoredRecord> {
        self.log.range(position.saturating_add(1)..).map(|(_, record)| record)
    }

    fn settle(&mut self, settle: Settle<i64>) {
        self.cursor = settle.cursor.unwrap_or(self.cursor);
        for row in settle.park {
            // A record that is there already gets another state, and stays as it was.
            match self.parked.get_mut(&row.record.position) {
                Some(there) => {
                    if there.parked.state == ParkedState::Auto && there.mark == Some(Mark::Retry) {
                        there.mark = None;
                    }
                    (there.parked.state, there.parked.cause) = (row.state, row.cause);
                }
                None => {
                    let view = ParkedView { parked: row, since: SystemTime::now(), mark: None };
                    self.parked.insert(view.parked.record.position, view);
                }
            }
        }
        for position in settle.unpark {
            self.parked.remove(&position);
            self.parked_in.remove(&position);
        }
    }

    fn prepare(&mut self, settle: Settle<i64>, transaction: Option<i64>) {
        self.transaction = transaction;
        let new = settle.park.iter().map(|row| row.record.position).filter(|at| !self.parked.contains_key(at));
        let new: Vec<_> = new.zip(transaction.into_iter().cycle()).collect();
        self.parked_in.extend(new);
        self.settle(settle);
    }

    fn recover(&mut self, position: Option<&Position<i64>>) -> Result<Recovered<i64>, StoreError> {
        let position = match (self.transaction, position) {
            (Some(stored), Some(position)) if position.can_belong_to(stored) => position,
            (Some(stored), found) => {
                return Err(StoreError::PositionLost { stored, found: found.map(|position| position.transaction) });
            }
            (None, Some(position)) if position.cursor == self.cursor => position,
            (None, _) => return Ok(Recovered::Elsewhere(self.cursor)),
        };
        // Where the stored cursor was the truth, the rows are of an earlier history: they stay, and lose its numbers.
        if self.transaction.is_none() {
            self.parked_in.clear();
        }
        let later = |at: &i64| self.parked_in.get(at).is_some_and(|transaction| *transaction > position.transaction);
        self.parked.retain(|at, _| !position.rows.contains(at) && !later(at));
        self.parked_in.retain(|at, _| self.parked.contains_key(at));
        (self.cursor, self.transaction) = (position.cursor, Some(position.transaction));
        Ok(Recovered::Loaded(self.load()))
    }

    fn load(&self) -> Loaded<i64> {
        Loaded { cursor: self.cursor, parked: self.parked.values().map(|row| row.parked.clone()).collect() }
    }

    fn append(&mut self, record: Record) {
        self.last += 1;
        self.log.insert(self.last, stored(self.last, record));
    }

    fn delay(&mut self, due: Instant, record: Record) {
        self.delayed_last += 1;
        self.delayed.insert((due, self.delayed_last), record);
    }

    fn move_due(&mut self) -> u64 {
        let later = self.delayed.split_off(&(Instant::now(), u64::MAX));
        let due = std::mem::replace(&mut self.delayed, later);
        let moved = due.len() as u64;
        due.into_values().for_each(|record| self.append(record));
        moved
    }

    fn take_commands(&mut self) -> Commands {
        let mut commands = Commands::default();
        let mut retried = Vec::new();
        for (position, row) in &mut self.parked {
            match row.mark {
                Some(Mark::Retry) => retried.push(row),
                Some(Mark::Skip) => commands.skip.push(*position),
                None => {}
            }
        }
        // Those that were not taken yet come before those that are on their way.
        retried.sort_by_key(|row| row.parked.state == ParkedState::Auto);
        for row in retried.into_iter().take(RETRIES_PER_TAKE) {
            row.parked.state = ParkedState::Auto;
            commands.retried.push(row.parked.record.clone());
        }
        commands.retried.sort_unstable_by_key(|record| record.position);
        commands
    }

    fn skip(&mut self, position: i64) -> bool {
        match self.parked.get(&position) {
            Some(row) if row.mark == Some(Mark::Skip) => {
                self.skipped.extend(self.parked.remove(&position).map(|row| row.parked));
                true
            }
            row => row.is_none(),
        }
    }

    fn mark(&mut self, ids: &[Uuid], mark: Mark) -> u64 {
        let can = |row: &&mut ParkedView| {
            ids.contains(&row.parked.record.id) && (mark == Mark::Skip || row.parked.state == ParkedState::Failed)
        };
        self.parked.values_mut().filter(can).map(|row| row.mark = Some(mark)).count() as u64
    }

    fn make_room(&mut self) -> u64 {
        let settled: Vec<i64> = self.log.range(..=self.cursor).take(ROWS_PER_CHUNK).map(|(at, _)| *at).collect();
        for position in &settled {
            self.log.remove(position);
        }
        settled.len() as u64
    }
}

fn stored(position: i64, record: Record) -> StoredRecord {
    let Record { id, topic, key, headers, payload, delay: _ } = record;
    StoredRecord { position, id, topic: topic.into_owned(), key, headers: headers.as_bytes().to_vec(), payload }
}

impl Store for MemoryStore {
    /// Everything at or below this position is decided.
    type Cursor = i64;

    async fn acquire(&self, owner: Uuid, lease: Duration) -> Result<Acquired, StoreError> {
        Ok(self.with(|tables| tables.acquire(owner, lease)))
    }

    async fn load(&self, lease: &Lease) -> Result<Loaded<i64>, StoreError> {
        self.fenced(lease, |tables| match tables.transaction {
            Some(_) => Err(StoreError::ExactlyOnce),
            None => Ok(tables.load()),
        })?
    }

    async fn read(&self, _lease: &Lease, cursor: &i64, limit: usize) -> Result<Page<i64>, StoreError> {
        let page = self.tables.borrow().page(*cursor, limit);
        self.seen.store(page.end, Ordering::Release);
        Ok(page)
    }

    fn cursor_at(_window: &i64, position: i64) -> i64 {
        position
    }

    async fn settle(&self, lease: &Lease, settle: Settle<i64>) -> Result<(), StoreError> {
        self.fenced(lease, |tables| tables.settle(settle))
    }

    async fn prepare(&self, lease: &Lease, settle: Settle<i64>, transaction: Option<i64>) -> Result<(), StoreError> {
        self.fenced(lease, |tables| tables.prepare(settle, transaction))
    }

    async fn recover(&self, lease: &Lease, position: Option<&Position<i64>>) -> Result<Recovered<i64>, StoreError> {
        self.fenced(lease, |tables| tables.recover(position))?
    }

    async fn renew(&self, lease: &Lease, duration: Duration) -> Result<(), StoreError> {
        self.fenced(lease, |tables| tables.lease_until = Some(Instant::now() + duration))
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        match self.fenced(lease, |tables| (tables.owner, tables.lease_until) = (None, None)) {
            Err(StoreError::Fenced) => Ok(()),
            result => result,
        }
    }

    async fn make_room(&self, lease: &Lease) -> Result<u64, StoreError> {
        self.fenced(lease, Tables::make_room)
    }

    async fn move_due(&self, lease: &Lease) -> Result<u64, StoreError> {
        self.fenced(lease, Tables::move_due)
    }

    async fn take_commands(&self, lease: &Lease) -> Result<Commands, StoreError> {
        self.fenced(lease, Tables::take_commands)
    }

    async fn skip(&self, lease: &Lease, position: i64) -> Result<bool, StoreError> {
        self.fenced(lease, |tables| tables.skip(position))
    }

    async fn parked(&self, after: i64, limit: usize) -> Result<Vec<ParkedView>, StoreError> {
        let tables = self.tables.borrow();
        Ok(tables.parked.range(after.saturating_add(1)..).take(limit).map(|(_, row)| row.clone()).collect())
    }

    async fn overview(&self) -> Result<Overview, StoreError> {
        let tables = self.tables.borrow();
        let now = Instant::now();
        let parked = |state| tables.parked.values().filter(|row| row.parked.state == state).count() as u64;
        Ok(Overview {
            owner: tables.owner,
            epoch: tables.epoch,
            lease_remaining: tables.lease_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now)),
            backlog_records: u64::try_from(tables.last - tables.cursor).unwrap_or_default(),
            oldest_pending: tables.behind(tables.cursor).next().and_then(|record| age(record.id)),
            failed: parked(ParkedState::Failed),
            auto: parked(ParkedState::Auto),
            next_due: tables.delayed.keys().next().map(|(due, _)| due.saturating_duration_since(now)),
        })
    }

    async fn mark(&self, ids: &[Uuid], mark: Mark) -> Result<u64, StoreError> {
        Ok(self.with(|tables| tables.mark(ids, mark)))
    }

    async fn wait(&self) {
        let mut tables = self.tables.subscribe();
        let found = tables.wait_for(|tables| tables.last > self.seen.load(Ordering::Acquire)).await;
        // `self` holds the sender, so that the channel is open.
        debug_assert!(found.is_ok(), "the store is gone while it waits");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::MemoryStore;
    use crate::store::{Acquired, Store};

    #[tokio::test(start_paused = true)]
    async fn the_clock_can_be_paused() {
        let store = MemoryStore::new();
        let lease = Duration::from_secs(3_600);
        assert!(matches!(store.acquire(Uuid::now_v7(), lease).await, Ok(Acquired::Taken(_))));
        tokio::time::advance(lease - Duration::from_millis(1)).await;
        let held = store.acquire(Uuid::now_v7(), lease).await.expect("memory does not fail");
        assert_eq!(held, Acquired::Held { remaining: Duration::from_millis(1) });
        tokio::time::advance(Duration::from_millis(1)).await;
        let taken = store.acquire(Uuid::now_v7(), lease).await.expect("memory does not fail");
        assert!(matches!(taken, Acquired::Taken(lease) if lease.epoch == 2));
    }
}
