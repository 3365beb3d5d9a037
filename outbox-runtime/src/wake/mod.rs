//! Wake-up: a commit that stored events tells the relays of this process to look at once, and on PostgreSQL an
//! [`Announcer`] those of other processes.
//!
//! Hints only; polling is the truth. Nothing is lost when nobody listens.

#[cfg(feature = "postgres")]
mod announcer;

use std::sync::LazyLock;

use tokio::sync::watch;

#[cfg(feature = "postgres")]
pub use announcer::Announcer;

static COMMITS: LazyLock<watch::Sender<u64>> = LazyLock::new(|| watch::Sender::new(0));

/// Tells all relays of this process that events were committed.
pub fn notify() {
    COMMITS.send_modify(|commits| *commits = commits.wrapping_add(1));
}

/// Listens for [`notify`]. `changed()` on it is cancel-safe and remembers what came in between.
pub fn subscribe() -> watch::Receiver<u64> {
    COMMITS.subscribe()
}
