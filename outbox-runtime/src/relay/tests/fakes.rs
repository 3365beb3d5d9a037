//! A store and a broker in memory, with faults on demand.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use uuid::Uuid;

use crate::sink::{Class, Delivery, Message, SendError, Sink, SinkError, TopicInfo};
use crate::store::{
    Acquired, Commands, Home, Lease, Loaded, Mark, Overview, Page, ParkedRecord, ParkedState, ParkedView, Position,
    Recovered, Settle, Store, StoreError, StoredRecord,
};

/// State of the store, shared with the test.
#[derive(Default)]
pub(super) struct Tables {
    pub(super) log: Vec<StoredRecord>,
    pub(super) cursor: i64,
    pub(super) parked: BTreeMap<i64, ParkedRecord>,
    pub(super) epoch: i64,
    pub(super) owner: Option<Uuid>,
    until: Option<Instant>,
    /// The next so many operations fail as if the server were away.
    pub(super) failures: usize,
    /// Loading says that the tables are missing.
    pub(super) not_migrated: bool,
    pub(super) settles: usize,
    pub(super) renewals: usize,
    pub(super) home: Option<Home>,
    /// What a release and a settle of exactly-once delivery take.
    pub(super) release: Duration,
    pub(super) prepare: Duration,
    /// Every empty read moves the end of the log on, as a snapshot does: `drift`, in the upper half of cursors.
    pub(super) drifts: bool,
    pub(super) drift: i64,
    /// The next so many settles of exactly-once delivery are written, and nobody hears of it.
    pub(super) lost_answers: usize,
    in_doubt: bool,
    pub(super) rooms: usize,
    pub(super) rooms_in_doubt: usize,
}

/// Place in the log of a cursor; the rest is its drift.
const PLACE: i64 = u32::MAX as i64;

#[derive(Clone, Default)]
pub(super) struct FakeStore(pub(super) Arc<Mutex<Tables>>);

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FakeStore {
    pub(super) fn emit(&self, topic: &str, key: Option<&str>, payload: &str) {
        let mut tables = lock(&self.0);
        let position = tables.log.len() as i64 + 1;
        tables.log.push(StoredRecord {
            position,
            id: Uuid::now_v7(),
            topic: topic.into(),
            key: key.map(|key| key.as_bytes().to_vec()),
            headers: Vec::new(),
            payload: Some(payload.as_bytes().to_vec()),
        });
    }

    /// Another relay takes the log by force, as after a pause beyond the lease.
    pub(super) fn take_over(&self) {
        let mut tables = lock(&self.0);
        tables.epoch += 1;
        tables.owner = Some(Uuid::now_v7());
        tables.until = Some(Instant::now() + Duration::from_secs(30));
    }

    fn begin(&self) -> Result<MutexGuard<'_, Tables>, StoreError> {
        let mut tables = lock(&self.0);
        if tables.failures > 0 {
            tables.failures -= 1;
            return Err(StoreError::Database(sqlx::Error::PoolTimedOut));
        }
        Ok(tables)
    }

    fn fenced(&self, lease: &Lease) -> Result<MutexGuard<'_, Tables>, StoreError> {
        let tables = self.begin()?;
        if tables.owner == Some(lease.owner) && tables.epoch == lease.epoch {
            return Ok(tables);
        }
        Err(StoreError::Fenced)
    }
}

impl Store for FakeStore {
    type Cursor = i64;

    async fn acquire(&self, owner: Uuid, lease: Duration) -> Result<Acquired, StoreError> {
        let mut tables = self.begin()?;
        let now = Instant::now();
        let remaining = tables.until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        if tables.owner.is_some_and(|other| other != owner) && !remaining.is_zero() {
            return Ok(Acquired::Held { remaining });
        }
        tables.epoch += 1;
        tables.owner = Some(owner);
        tables.until = Some(now + lease);
        let (incarnation, log) = (Uuid::nil(), Uuid::nil());
        Ok(Acquired::Taken(Lease { epoch: tables.epoch, owner, incarnation, log, home: tables.home }))
    }

    async fn load(&self, lease: &Lease) -> Result<Loaded<i64>, StoreError> {
        let tables = self.fenced(lease)?;
        if tables.not_migrated {
            return Err(StoreError::NotMigrated { source: sqlx::Error::RowNotFound });
        }
        Ok(Loaded { cursor: tables.cursor, parked: tables.parked.values().cloned().collect() })
    }

    async fn read(&self, _lease: &Lease, cursor: &i64, limit: usize) -> Result<Page<i64>, StoreError> {
        let mut tables = self.begin()?;
        let place = cursor & PLACE;
        let records: Vec<_> = tables.log.iter().skip(place as usize).take(limit).cloned().collect();
        tables.drift += i64::from(tables.drifts && records.is_empty());
        let end = place + records.len() as i64;
        let more = end < tables.log.len() as i64;
        let drift = tables.drift << 32;
        Ok(Page { records, window: cursor & !PLACE, end: drift | end, more })
    }

    fn cursor_at(window: &i64, position: i64) -> i64 {
        (window & !PLACE) | position
    }

    /// The rest of exactly-once delivery is tested with the memory store.
    async fn prepare(&self, lease: &Lease, settle: Settle<i64>, _transaction: Option<i64>) -> Result<(), StoreError> {
        let takes = lock(&self.0).prepare;
        tokio::time::sleep(takes).await;
        self.settle(lease, settle).await?;
        let mut tables = lock(&self.0);
        tables.in_doubt = tables.lost_answers > 0;
        if tables.in_doubt {
            tables.lost_answers -= 1;
            return Err(StoreError::Database(sqlx::Error::PoolTimedOut));
        }
        Ok(())
    }

    async fn recover(&self, lease: &Lease, position: Option<&Position<i64>>) -> Result<Recovered<i64>, StoreError> {
        let loaded = self.load(lease).await?;
        Ok(if position.is_some() { Recovered::Loaded(loaded) } else { Recovered::Elsewhere(loaded.cursor) })
    }

    async fn settle(&self, lease: &Lease, settle: Settle<i64>) -> Result<(), StoreError> {
        let mut tables = self.fenced(lease)?;
        tables.settles += 1;
        tables.cursor = settle.cursor.unwrap_or(tables.cursor);
        tables.parked.extend(settle.park.into_iter().map(|row| (row.record.position, row)));
        for position in settle.unpark {
            tables.parked.remove(&position);
        }
        Ok(())
    }

    async fn renew(&self, lease: &Lease, duration: Duration) -> Result<(), StoreError> {
        let mut tables = self.fenced(lease)?;
        tables.until = Some(Instant::now() + duration);
        tables.renewals += 1;
        Ok(())
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        let takes = lock(&self.0).release;
        tokio::time::sleep(takes).await;
        if let Ok(mut tables) = self.fenced(lease) {
            tables.owner = None;
        }
        Ok(())
    }

    async fn make_room(&self, _lease: &Lease) -> Result<u64, StoreError> {
        let mut tables = lock(&self.0);
        tables.rooms += 1;
        tables.rooms_in_doubt += usize::from(tables.in_doubt);
        Ok(0)
    }

    async fn take_commands(&self, lease: &Lease) -> Result<Commands, StoreError> {
        self.fenced(lease).map(|_| Commands::default())
    }

    async fn skip(&self, lease: &Lease, _position: i64) -> Result<bool, StoreError> {
        self.fenced(lease).map(|_| false)
    }

    async fn parked(&self, _after: i64, _limit: usize) -> Result<Vec<ParkedView>, StoreError> {
        Ok(Vec::new())
    }

    async fn overview(&self) -> Result<Overview, StoreError> {
        Err(StoreError::Damaged { what: "the fake has none".into() })
    }

    async fn mark(&self, _ids: &[Uuid], _mark: Mark) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn move_due(&self, lease: &Lease) -> Result<u64, StoreError> {
        self.fenced(lease).map(|_| 0)
    }
}

/// State of the broker, shared with the test and by all sinks.
#[derive(Default)]
pub(super) struct Log {
    /// Landed payloads in order.
    pub(super) landed: Vec<String>,
    pub(super) headers: Vec<HashMap<String, String>>,
    /// Payloads that fail their whole batch.
    pub(super) poison: HashSet<String>,
    /// Topics that do not exist.
    pub(super) missing: HashSet<String>,
    /// Sends are answered as an outage.
    pub(super) away: bool,
    /// The next answers say that the producer is of no use any more.
    pub(super) fatal: bool,
    /// Answers are held back.
    pub(super) silent: bool,
    /// What a question about the topic `slow` takes.
    pub(super) lookup: Duration,
    pub(super) sent: usize,
    pub(super) rebuilds: usize,
    pub(super) closed: usize,
}

#[derive(Clone, Default)]
pub(super) struct Broker {
    pub(super) log: Arc<Mutex<Log>>,
    pub(super) changed: Arc<Notify>,
}

impl Broker {
    pub(super) fn set(&self, change: impl FnOnce(&mut Log)) {
        change(&mut lock(&self.log));
        self.changed.notify_waiters();
    }

    pub(super) fn landed(&self) -> Vec<String> {
        lock(&self.log).landed.clone()
    }

    pub(super) fn sink(&self) -> FakeSink {
        FakeSink { broker: self.clone(), queue: VecDeque::new(), dead: false, capacity: 1_000 }
    }
}

/// One producer; everything it has queued is one batch.
pub(super) struct FakeSink {
    broker: Broker,
    queue: VecDeque<(u64, String, String, HashMap<String, String>)>,
    dead: bool,
    pub(super) capacity: usize,
}

pub(super) const MESSAGE_BYTES_MAX: usize = 2_000;

impl FakeSink {
    /// Judges the queue as one batch.
    fn answer(&mut self, into: &mut Vec<Delivery>) -> bool {
        let mut log = lock(&self.broker.log);
        if log.silent || self.queue.is_empty() {
            return false;
        }
        let poisoned = self.queue.iter().any(|(_, _, payload, _)| log.poison.contains(payload));
        let class = match () {
            () if self.dead => Some(Class::Fatal),
            () if std::mem::take(&mut log.fatal) => Some(Class::Fatal),
            () if log.away => Some(Class::Outage),
            () if poisoned => Some(Class::Park),
            () => None,
        };
        self.dead |= class.is_some();
        for (token, topic, payload, headers) in self.queue.drain(..) {
            let missing = log.missing.contains(&topic).then_some(Class::Topic);
            self.dead |= missing.is_some();
            let result = class.or(missing).map_or(Ok(()), |class| Err(SinkError::new(class, format!("{class:?}"))));
            if result.is_ok() {
                log.landed.push(payload);
                log.headers.push(headers);
            }
            into.push(Delivery { token, result });
        }
        true
    }
}

impl Sink for FakeSink {
    async fn topic(&mut self, topic: &str) -> Result<TopicInfo, SinkError> {
        let takes = if topic == "slow" { lock(&self.broker.log).lookup } else { Duration::ZERO };
        if !takes.is_zero() {
            tokio::time::sleep(takes).await;
        }
        if lock(&self.broker.log).missing.contains(topic) {
            return Err(SinkError::new(Class::Topic, format!("topic `{topic}` does not exist: create it")));
        }
        Ok(TopicInfo { partitions: 1, message_bytes_max: MESSAGE_BYTES_MAX })
    }

    fn partition(&mut self, _key: Option<&[u8]>, _partitions: i32) -> i32 {
        0
    }

    fn send(&mut self, message: Message<'_>) -> Result<(), SendError> {
        if self.queue.len() >= self.capacity {
            return Err(SendError::Full);
        }
        let text = |value: Option<&[u8]>| String::from_utf8_lossy(value.unwrap_or_default()).into_owned();
        let headers = message.headers.iter().map(|(name, value)| ((*name).to_owned(), text(*value))).collect();
        self.queue.push_back((message.token, message.topic.to_owned(), text(message.payload), headers));
        lock(&self.broker.log).sent += 1;
        Ok(())
    }

    async fn deliveries(&mut self, into: &mut Vec<Delivery>) {
        let notify = Arc::clone(&self.broker.changed);
        loop {
            let changed = notify.notified();
            if self.answer(into) {
                return;
            }
            changed.await;
        }
    }

    async fn rebuild(&mut self) -> Result<(), SinkError> {
        self.queue.clear();
        self.dead = false;
        lock(&self.broker.log).rebuilds += 1;
        Ok(())
    }

    async fn close(self) {
        lock(&self.broker.log).closed += 1;
    }
}

/// Whether `row` is parked in `state`.
pub(super) fn parked_as(store: &FakeStore, position: i64) -> Option<ParkedState> {
    lock(&store.0).parked.get(&position).map(|row| row.state)
}
