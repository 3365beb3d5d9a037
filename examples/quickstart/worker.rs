//! A service process that crashes: `abort`, so nothing is flushed, closed or rolled back.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use outbox::relay::Relay;
use outbox::sink::KafkaSink;
use outbox::store::SqliteStore;
use rdkafka::ClientConfig;

use crate::WITHDRAWALS_BEFORE_CRASH;
use crate::bank::{self, FundsWithdrawn, Way};

/// Where in a withdrawal the process dies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum CrashPoint {
    /// The event is on its way, the transaction still open.
    BeforeCommit,
    /// The transaction is committed, and nothing after it happens.
    AfterCommit,
}

/// The crash of one withdrawal, if it has one.
#[derive(Clone, Copy)]
pub(crate) struct Crash(Option<CrashPoint>);

impl Crash {
    /// Dies in a slow moment between the event and the commit.
    pub(crate) async fn before_commit(self) {
        if self.0 == Some(CrashPoint::BeforeCommit) {
            tokio::time::sleep(Duration::from_millis(50)).await;
            std::process::abort();
        }
    }

    /// Dies right after the commit.
    pub(crate) fn after_commit(self) {
        if self.0 == Some(CrashPoint::AfterCommit) {
            std::process::abort();
        }
    }
}

/// What a worker process is told on its command line.
pub(crate) struct Job {
    pub(crate) way: Way,
    pub(crate) point: CrashPoint,
    pub(crate) worker: u32,
    pub(crate) database: PathBuf,
    pub(crate) brokers: String,
}

impl Job {
    pub(crate) fn to_args(&self) -> [String; 6] {
        let point = if self.point == CrashPoint::BeforeCommit { "before_commit" } else { "after_commit" };
        [
            "--worker".to_owned(),
            self.way.name().to_owned(),
            point.to_owned(),
            self.worker.to_string(),
            self.database.display().to_string(),
            self.brokers.clone(),
        ]
    }

    /// `None` when the arguments are not those of a worker.
    pub(crate) fn from_args(args: &[String]) -> anyhow::Result<Option<Self>> {
        let [flag, way, point, worker, database, brokers] = args else { return Ok(None) };
        if flag != "--worker" {
            return Ok(None);
        }
        let way = match way.as_str() {
            "dual_write" => Way::DualWrite,
            "outbox" => Way::Outbox,
            other => bail!("no such way: {other}"),
        };
        let point = if point == "before_commit" { CrashPoint::BeforeCommit } else { CrashPoint::AfterCommit };
        let worker = worker.parse().context("the worker's number")?;
        Ok(Some(Self { way, point, worker, database: database.into(), brokers: brokers.clone() }))
    }
}

/// Withdraws until the crash.
pub(crate) async fn run(job: Job) -> anyhow::Result<()> {
    let pool = bank::open(&job.database).await?;
    let producer = ClientConfig::new().set("bootstrap.servers", &job.brokers).create()?;
    if job.way == Way::Outbox {
        // The relay is part of the process and crashes with it; its short lease lets the next one take over.
        let relay = Relay::builder(SqliteStore::new(pool.clone()), KafkaSink::new(&job.brokers)?);
        tokio::spawn(relay.lease(Duration::from_millis(150)).build().run(std::future::pending()));
    }
    for number in 0..=WITHDRAWALS_BEFORE_CRASH {
        let withdrawal = i64::from(job.worker * 100 + number);
        let event = FundsWithdrawn { withdrawal, account: 1 + withdrawal % 3, amount: 10 };
        let crash = Crash((number == WITHDRAWALS_BEFORE_CRASH).then_some(job.point));
        match job.way {
            Way::DualWrite => bank::withdraw_dual_write(&pool, &producer, event, crash).await?,
            Way::Outbox => {
                bank::withdraw(&pool, event, crash).await?;
                crash.after_commit();
            }
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bail!("this worker was to crash")
}
