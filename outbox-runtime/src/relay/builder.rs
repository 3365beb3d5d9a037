//! Configuration of a relay.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::health::{Health, Pulse};
use super::machine::Config;
use super::shell::{Calls, Shell};
use super::{Delivery, Relay, Status};
use crate::sink::{Sink, TransactionalSink};
use crate::store::Store;

/// Made by [`Relay::builder`]; every setting has a default.
#[derive(Debug)]
#[must_use]
pub struct RelayBuilder<S, K> {
    store: S,
    sink: K,
    config: Config,
    /// Unless set: by the kind of delivery.
    window_records: Option<u64>,
    source: String,
    transactions: Option<Calls<K>>,
    log: Option<String>,
}

/// Window of exactly-once delivery: a transaction is at most so large, and a backlog wants large ones.
const TRANSACTION_RECORDS: u64 = 100_000;

impl<S: Store, K: Sink> RelayBuilder<S, K> {
    pub(super) fn new(store: S, sink: K) -> Self {
        let (config, source) = (Config::default(), "outbox".to_owned());
        Self { store, sink, config, window_records: None, source, transactions: None, log: None }
    }

    /// How long the log stays ours without a sign of life; renewed at a third. Default 10 s.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.config.lease = lease;
        self
    }

    /// At least once, which is the default, or exactly once for consumers that read committed messages only; the sink needs
    /// transactions for that.
    pub fn delivery(mut self, delivery: Delivery) -> Self
    where
        K: TransactionalSink,
    {
        self.config.exactly_once = delivery == Delivery::ExactlyOnce;
        self.transactions = self.config.exactly_once.then(Calls::new);
        self
    }

    /// Most records in flight or not settled: the bound of duplicates per fault, or of one transaction. Default 32,768, and
    /// 100,000 exactly once.
    pub fn window_records(mut self, records: u64) -> Self {
        self.window_records = Some(records.max(1));
        self
    }

    /// The same in bytes. Default 64 MiB; one message may always pass.
    pub fn window_bytes(mut self, bytes: u64) -> Self {
        self.config.window_bytes = bytes.max(1);
        self
    }

    /// Most rows of the parked table in flight. Default 256.
    pub fn table_slots(mut self, rows: usize) -> Self {
        self.config.table_slots = rows.max(1);
        self
    }

    /// Longest pause between two polls of an idle log, at least 1 ms. Default 50 ms.
    pub fn poll_interval_max(mut self, interval: Duration) -> Self {
        self.config.poll_max = interval.max(Duration::from_millis(1));
        self
    }

    /// How long a stop waits for acknowledgements. Default 15 s.
    pub fn drain_timeout(mut self, timeout: Duration) -> Self {
        self.config.drain = timeout;
        self
    }

    /// Header `ce_source`: the service or context the events come from, a URI reference. Default `outbox`.
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// Name of the log, for where several are relayed by one program: label `log` of its metrics, and in its health.
    /// None by default.
    pub fn name(mut self, log: impl Into<String>) -> Self {
        self.log = Some(log.into());
        self
    }

    /// Makes the relay; nothing runs yet. Its metrics go to the recorder that is installed now.
    pub fn build(mut self) -> Relay<S, K> {
        let by_delivery = if self.config.exactly_once { TRANSACTION_RECORDS } else { self.config.window_records };
        self.config.window_records = self.window_records.unwrap_or(by_delivery);
        let database = Some("the database has not been asked yet".to_owned());
        let (sender, status) = watch::channel(Status { database, ..Status::default() });
        let pulse = Arc::new(Pulse::new());
        let health = Health { log: self.log.clone(), status, pulse: Arc::clone(&pulse) };
        let shell = Shell::new(self.store, self.sink, self.config, self.source, self.log, pulse, sender)
            .with_transactions(self.transactions);
        Relay { shell, health }
    }
}
