//! What the suite needs of a store's surroundings, and the records it appends.

use std::borrow::Cow;

use outbox_runtime::event::BoxError;
use outbox_runtime::store::Store;
use outbox_runtime::{Event, Record};

/// A log of a test's own.
pub(crate) trait Harness: Sized {
    type Store: Store;
    /// Whether many rows are removed bit by bit, or as one.
    const CHUNKS: bool = true;

    /// A new, empty log.
    async fn new() -> Self;
    /// One more relay's view of the log.
    fn store(&self) -> Self::Store;
    /// Appends in one transaction.
    async fn append(&self, records: Vec<Record>);
    /// Rows of the log, settled or not.
    async fn rows(&self) -> usize;
    /// Positions in the audit of skipped records, ascending.
    async fn skipped(&self) -> Vec<i64>;
    /// Puts everything away; only a test that passed comes here.
    async fn finish(self);
}

/// A log in a database, whose tables may be missing or newer.
pub(crate) trait Tables: Harness {
    /// A database without tables.
    async fn empty() -> Self;
    /// Records a migration that this program does not know.
    async fn migrated_by_a_newer_version(&self);
}

/// An event of any shape.
#[derive(Debug, Default)]
pub(crate) struct Note {
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) payload: Option<Vec<u8>>,
}

impl Event for Note {
    fn name(&self) -> &'static str {
        "test.note"
    }
    fn version(&self) -> u32 {
        1
    }

    fn topic(&self) -> Cow<'_, str> {
        "notes".into()
    }

    fn key(&self) -> Option<Vec<u8>> {
        self.key.clone()
    }

    fn encode(&self) -> Result<Option<Vec<u8>>, BoxError> {
        Ok(self.payload.clone())
    }
}

/// A record with `text` as payload.
pub(crate) fn note(text: impl ToString) -> Record {
    let note = Note { key: Some(b"key".to_vec()), payload: Some(text.to_string().into_bytes()) };
    Record::new(&note).expect("a valid event")
}

/// Records with the numbers of `range` as payloads.
pub(crate) fn notes(range: std::ops::Range<usize>) -> Vec<Record> {
    range.map(note).collect()
}
