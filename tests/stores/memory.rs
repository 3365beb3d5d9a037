//! The memory store under the suite.

use outbox_runtime::Record;
use outbox_runtime::store::MemoryStore;

use crate::conformance::{conformance, conformance_of_waiting};
use crate::harness::Harness;

conformance!(MemoryStore);
conformance_of_waiting!(MemoryStore);

impl Harness for MemoryStore {
    type Store = Self;

    async fn new() -> Self {
        Self::new()
    }

    fn store(&self) -> Self {
        self.clone()
    }

    async fn append(&self, records: Vec<Record>) {
        Self::append(self, records);
    }

    async fn rows(&self) -> usize {
        self.records().len()
    }

    async fn skipped(&self) -> Vec<i64> {
        let mut positions: Vec<i64> = MemoryStore::skipped(self).iter().map(|row| row.record.position).collect();
        positions.sort_unstable();
        positions
    }

    async fn finish(self) {}
}
