//! Whether a relay lives and does its work, for probes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::{RelayState, Status};

/// A loop that has not turned for so long is stuck: it turns every second at least.
const STUCK: Duration = Duration::from_secs(10);

/// When the relay's loop turned last.
#[derive(Debug)]
pub(super) struct Pulse {
    origin: Instant,
    beat_ms: AtomicU64,
}

impl Pulse {
    pub(super) fn new() -> Self {
        Self { origin: Instant::now(), beat_ms: AtomicU64::new(0) }
    }

    pub(super) fn beat(&self) {
        self.beat_ms.store(self.origin.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    fn age(&self) -> Duration {
        self.origin.elapsed().saturating_sub(Duration::from_millis(self.beat_ms.load(Ordering::Relaxed)))
    }
}

/// The health of a relay, from [`Relay::health`](super::Relay::health); readable while it runs, and afterwards.
#[derive(Debug, Clone)]
pub struct Health {
    pub(super) log: Option<String>,
    pub(super) status: watch::Receiver<Status>,
    pub(super) pulse: Arc<Pulse>,
}

impl Health {
    /// The name that the relay was given.
    pub fn log(&self) -> Option<&str> {
        self.log.as_deref()
    }

    /// What the relay is doing.
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Whether the relay runs and its loop turns. One that does not is to be started anew.
    pub fn is_live(&self) -> bool {
        !self.has_ended() && self.pulse.age() < STUCK
    }

    /// Whether the relay has ended: it was told to, or needs a person first.
    pub fn has_ended(&self) -> bool {
        // The sender is the relay's.
        self.status.has_changed().is_err()
    }

    /// Whether the relay publishes, or stands by for another one that does.
    ///
    /// # Errors
    /// Why not, for people: the database or the sink is away, or it stops.
    pub fn ready(&self) -> Result<(), String> {
        if self.has_ended() {
            return Err("the relay has ended".to_owned());
        }
        let Status { state, database, .. } = &*self.status.borrow();
        match (state, database) {
            (RelayState::Draining, _) => Err("the relay stops".to_owned()),
            (_, Some(database)) => Err(database.clone()),
            (RelayState::Outage { topic: Some(topic), cause }, None) => Err(format!("topic `{topic}`: {cause}")),
            (RelayState::Outage { topic: None, cause }, None) => Err(cause.clone()),
            (RelayState::Standby | RelayState::Running, None) => Ok(()),
        }
    }
}
