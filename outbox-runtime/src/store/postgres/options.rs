//! What people choose about a log in PostgreSQL.

use std::time::Duration;

/// A slot grows to twice of what it should have before another one is added, and may be looked through under its lock then.
pub(super) const SLOT_BYTES_MAX: u64 = 128 << 20;

/// See [`PostgresStoreBuilder`](super::PostgresStoreBuilder).
#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) slot_bytes: u64,
    pub(super) retention: Option<Duration>,
    pub(super) retention_bytes: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { slot_bytes: 64 << 20, retention: None, retention_bytes: None }
    }
}
