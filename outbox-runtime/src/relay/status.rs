//! What a relay is doing, for tests, health checks and people.

/// State and counters of a relay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// What it does.
    pub state: RelayState,
    /// Records acknowledged by the sink since the start.
    pub published: u64,
    /// Rows of the parked table.
    pub parked: usize,
    /// Records handed to the sink and not answered.
    pub in_flight: usize,
    /// Epoch of the lease; 0 before the first.
    pub epoch: i64,
    /// What the database said last; `None` while it answers.
    pub database: Option<String>,
}

/// What a relay does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RelayState {
    /// Another relay owns the log, or the database is away.
    #[default]
    Standby,
    /// It owns the log and publishes.
    Running,
    /// It owns the log and waits for the broker; nothing is lost, no attempt is counted.
    Outage {
        /// The topic, where it is the matter of one.
        topic: Option<String>,
        /// What the sink said.
        cause: String,
    },
    /// It was asked to stop.
    Draining,
}
