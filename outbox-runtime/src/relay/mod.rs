//! The relay: reads a log in order, publishes its records, and settles what the broker has acknowledged.
//!
//! Fifth station: [`store`](crate::store) → relay → [`sink`](crate::sink); only the relay knows both. Its decisions
//! are the state machine in `machine`, without I/O; the shell around it holds payloads, tasks and the clock.

mod builder;
mod delivery;
mod error;
mod fleet;
mod health;
#[doc(hidden)]
pub mod machine;
mod message;
mod shell;
mod signal;
mod status;
#[cfg(test)]
mod tests;

use std::future::Future;

use tokio::sync::watch;

pub use builder::RelayBuilder;
pub use delivery::Delivery;
pub use error::RelayError;
pub use fleet::{Ended, Fleet};
pub use health::Health;
pub use signal::shutdown_signal;
pub use status::{RelayState, Status};

use crate::sink::Sink;
use crate::store::Store;
use shell::Shell;

/// Publishes the records of one log, as the only active relay of that log; others stand by.
#[must_use = "a relay does nothing until `run` is awaited"]
pub struct Relay<S: Store, K: Sink> {
    shell: Shell<S, K>,
    health: Health,
}

impl<S: Store, K: Sink> Relay<S, K> {
    /// Starts to configure a relay from `store` to `sink`.
    pub fn builder(store: S, sink: K) -> RelayBuilder<S, K> {
        RelayBuilder::new(store, sink)
    }

    /// What the relay is doing; outlives [`Relay::run`].
    pub fn status(&self) -> watch::Receiver<Status> {
        self.health.status.clone()
    }

    /// The same for probes; outlives [`Relay::run`].
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Relays until `shutdown` is ready, then stops in an orderly way: nothing new is read, what is in flight is
    /// acknowledged and settled (no duplicates), the lease is given back, the sink is closed.
    ///
    /// A broker or database that is away is waited for. Not cancel-safe: dropping it is a crash of the relay
    /// (nothing is lost; what is in flight is published again).
    ///
    /// # Errors
    /// [`RelayError`] when a person is needed: missing tables, wrong credentials, a newer schema.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), RelayError> {
        self.shell.run(shutdown).await
    }
}

impl<S: Store, K: Sink> std::fmt::Debug for Relay<S, K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("status", &*self.health.status.borrow()).finish_non_exhaustive()
    }
}
