//! A relay reduced to taking the log, reading and settling.

use std::time::Duration;

use outbox_runtime::store::{Acquired, Lease, Page, ParkedRecord, Settle, Store, StoreError, StoredRecord};
use uuid::Uuid;

use crate::harness::Harness;

pub(crate) const LEASE: Duration = Duration::from_secs(60);
/// Nothing here takes this long; a loop that does has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Relay<S: Store> {
    pub(crate) store: S,
    pub(crate) lease: Lease,
    /// Where the next read continues.
    pub(crate) cursor: S::Cursor,
    pub(crate) parked: Vec<ParkedRecord>,
}

/// Takes the log, which must be free.
pub(crate) async fn taken<S: Store>(store: &S, owner: Uuid, lease: Duration) -> Lease {
    match store.acquire(owner, lease).await.expect("the store answers") {
        Acquired::Taken(lease) => lease,
        Acquired::Held { remaining } => panic!("the log is held for {remaining:?}"),
    }
}

/// How long the log is held against `owner`.
pub(crate) async fn held<S: Store>(store: &S, owner: Uuid) -> Duration {
    match store.acquire(owner, LEASE).await.expect("the store answers") {
        Acquired::Held { remaining } => remaining,
        Acquired::Taken(lease) => panic!("the log was taken: {lease:?}"),
    }
}

impl<S: Store> Relay<S> {
    pub(crate) async fn start<H: Harness<Store = S>>(harness: &H) -> Self {
        let store = harness.store();
        let lease = taken(&store, Uuid::now_v7(), LEASE).await;
        let loaded = store.load(&lease).await.expect("the lease is ours");
        Self { store, lease, cursor: loaded.cursor, parked: loaded.parked }
    }

    /// Hands over to a new relay.
    pub(crate) async fn restart<H: Harness<Store = S>>(self, harness: &H) -> Self {
        self.store.release(&self.lease).await.expect("the store answers");
        Self::start(harness).await
    }

    pub(crate) async fn read(&mut self, limit: usize) -> Page<S::Cursor> {
        let page = self.store.read(&self.lease, &self.cursor, limit).await.expect("the store reads");
        assert!(page.records.len() <= limit, "{} records for a limit of {limit}", page.records.len());
        self.cursor = page.end.clone();
        page
    }

    /// Reads pages of `limit` until `count` records are there and no page says that there are more.
    pub(crate) async fn read_all(&mut self, count: usize, limit: usize) -> Vec<StoredRecord> {
        let mut records = Vec::new();
        let reading = async {
            loop {
                let page = self.read(limit).await;
                let is_last = page.records.is_empty() && !page.more;
                records.extend(page.records);
                if is_last && records.len() >= count {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.expect("the records come");
        records
    }

    /// Settles up to where was read.
    pub(crate) async fn settle(&self) {
        self.settle_at(Some(self.cursor.clone())).await;
    }

    pub(crate) async fn settle_at(&self, cursor: Option<S::Cursor>) {
        self.try_settle(cursor, vec![], vec![]).await.expect("the lease is ours");
    }

    pub(crate) async fn try_settle(
        &self,
        cursor: Option<S::Cursor>,
        park: Vec<ParkedRecord>,
        unpark: Vec<i64>,
    ) -> Result<(), StoreError> {
        self.store.settle(&self.lease, Settle { cursor, park, unpark }).await
    }

    /// Makes room until nothing is left to remove; what each call removed.
    pub(crate) async fn make_room(&self) -> Vec<u64> {
        let mut removed = Vec::new();
        loop {
            match self.store.make_room(&self.lease).await.expect("the lease is ours") {
                0 => return removed,
                count => removed.push(count),
            }
        }
    }
}

/// Payloads as text.
pub(crate) fn texts(records: &[StoredRecord]) -> Vec<String> {
    let text = |record: &StoredRecord| String::from_utf8(record.payload.clone().expect("a payload")).expect("text");
    records.iter().map(text).collect()
}

/// The numbers of `range` as texts.
pub(crate) fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}
