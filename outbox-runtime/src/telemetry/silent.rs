//! Without the feature `metrics` nothing is counted, and nothing is done for it.

use std::time::Duration;

use uuid::Uuid;

use crate::sink::Class;

/// Counts nothing.
pub(crate) struct Meter;

impl Meter {
    pub(crate) const ON: bool = false;

    pub(crate) fn new(_log: Option<&str>) -> Self {
        Self
    }

    pub(crate) fn batch(&mut self, _answers: usize) {}

    pub(crate) fn acknowledged(&mut self, _topic: usize, _name: &str) -> bool {
        false
    }

    pub(crate) fn latency(&self, _id: Uuid) {}

    pub(crate) fn flush(&mut self) {}

    pub(crate) fn drop_unflushed(&mut self) {}

    pub(crate) fn failed(&self, _class: Class) {}

    pub(crate) fn parked(&self, _rows: usize) {}

    pub(crate) fn read_started(&mut self) {}

    pub(crate) fn read_ended(&mut self) {}

    pub(crate) fn lease_lost(&self) {}

    pub(crate) fn producer_restarted(&self) {}
}

/// Measures nothing.
pub(crate) struct LagMeter;

impl LagMeter {
    pub(crate) fn new(_log: Option<&str>) -> Self {
        Self
    }

    pub(crate) fn set(&self, _backlog_records: u64, _oldest_pending: Option<Duration>) {}
}
