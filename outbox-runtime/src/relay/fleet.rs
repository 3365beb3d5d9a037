//! Relays of many logs in one process: each has its own task, store, sink and lease, and none waits for another.

use std::future::Future;

use futures_core::future::BoxFuture;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::Instrument;

use super::{Relay, RelayError};
use crate::sink::Sink;
use crate::store::Store;

type Run = Box<dyn FnOnce(watch::Receiver<bool>) -> BoxFuture<'static, Result<(), RelayError>> + Send>;

/// Relays of several logs: schemas, databases, or both.
///
/// Run as many processes with the same logs as you like; each log is relayed by one of them, by its lease, and the others
/// stand by. Give each relay a pool and a sink of its own: what they share, one of them can use up.
#[derive(Default)]
#[must_use = "a fleet does nothing until `run` is awaited"]
pub struct Fleet {
    relays: Vec<(String, Run)>,
}

/// How the relay of one log ended.
#[derive(Debug)]
pub struct Ended {
    /// The name that the log was added with.
    pub log: String,
    /// `Ok`: it was told to stop, and did so in an orderly way.
    pub result: Result<(), RelayError>,
}

impl Fleet {
    /// No relays yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a relay; `log` names it in log lines and in [`Ended`].
    pub fn add<S: Store, K: Sink>(mut self, log: impl Into<String>, relay: Relay<S, K>) -> Self {
        let run: Run = Box::new(|mut stop| {
            Box::pin(relay.run(async move {
                // The sender is only dropped with the fleet.
                let _ = stop.wait_for(|stop| *stop).await;
            }))
        });
        self.relays.push((log.into(), run));
        self
    }

    /// Relays until `shutdown` is ready and every relay has stopped, or until the last one has ended by itself. One that
    /// needs a person ends alone, with a line in the log; the others go on. In the order in which they ended.
    ///
    /// Not cancel-safe: dropping it is a crash of all relays (nothing is lost; what is in flight is published again).
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Vec<Ended> {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let mut names = std::collections::HashMap::new();
        for (log, run) in self.relays {
            let span = tracing::info_span!("relay", log);
            let task = tasks.spawn(run(stopped.clone()).instrument(span));
            names.insert(task.id(), log);
        }
        let mut shutdown = std::pin::pin!(shutdown);
        let mut ended = Vec::with_capacity(names.len());
        while ended.len() < names.len() {
            tokio::select! {
                () = &mut shutdown, if !*stop.borrow() => drop(stop.send_replace(true)),
                Some(task) = tasks.join_next_with_id() => {
                    let (id, result) = match task {
                        Ok((id, result)) => (id, result),
                        Err(error) => (error.id(), Err(RelayError::Panicked { what: error.to_string() })),
                    };
                    let log = names.get(&id).cloned().unwrap_or_default();
                    if let Err(error) = &result {
                        tracing::error!(log, %error, "this log has no relay any more; the others go on");
                    }
                    ended.push(Ended { log, result });
                }
            }
        }
        ended
    }
}

impl std::fmt::Debug for Fleet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.relays.iter().map(|(log, _)| log)).finish()
    }
}
