//! Batching: events of statements between two awaits wait here for their one INSERT.

use std::sync::{Mutex, PoisonError};

use crate::transaction::Rows;
use crate::{Error, Record};

/// Collects the records of a run of statements, in order.
///
/// By shared reference, so that several closures of the run can emit; behind a lock, which nobody waits for, only
/// because such a closure may still be alive, though not called any more, in a future that has to be `Send`.
#[derive(Debug, Default)]
pub struct Collector(Mutex<Collected>);

impl Collector {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the records of one `emit!`. After one that failed nothing is added: as if the error had left there.
    pub fn push<R: IntoIterator<Item = Record>>(&self, rows: Result<R, Error>) {
        // Nothing of the user's runs under the lock.
        let mut collected = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match rows {
            _ if collected.failed.is_some() => {}
            Ok(rows) => collected.records.extend(rows),
            Err(error) => collected.failed = Some(error),
        }
    }

    /// The run is over.
    pub fn end(self) -> Collected {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Records of a run, up to the first `emit!` that failed.
#[derive(Debug, Default)]
pub struct Collected {
    records: Vec<Record>,
    failed: Option<Error>,
}

impl Rows for Collected {
    fn records(&self) -> &[Record] {
        &self.records
    }

    fn failure(self) -> Option<Error> {
        self.failed
    }
}
