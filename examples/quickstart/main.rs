//! The dual-write problem and its end, in one command and without a server:
//!
//! ```text
//! cargo run --example quickstart            # a table
//! cargo run --example quickstart -- --json  # one line
//! ```
//!
//! A bank on a SQLite file publishes to librdkafka's in-process cluster, twice: by writing to both, and through the
//! outbox. Worker processes are crashed at the same places in both runs. Then the database and the topic are counted.

mod bank;
mod report;
mod tally;
mod worker;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use outbox::relay::Relay;
use outbox::sink::KafkaSink;
use outbox::store::SqliteStore;
use rdkafka::mocking::MockCluster;

use bank::Way;
use tally::{Counts, Tally};
use worker::{CrashPoint, Job};

/// Worker processes of each run; every one of them crashes.
const WORKERS: u32 = 24;
/// Withdrawals a worker has finished before the one it crashes in.
const WITHDRAWALS_BEFORE_CRASH: u32 = 4;

/// The line of `--json`.
#[derive(serde::Serialize)]
struct Counted {
    dual_write: Counts,
    outbox: Counts,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let Some(job) = Job::from_args(&args)? {
        return worker::run(job).await;
    }
    let cluster = MockCluster::new(1)?;
    let brokers = cluster.bootstrap_servers();
    let directory = tempfile::tempdir()?;
    let mut tallies = Vec::new();
    for way in [Way::DualWrite, Way::Outbox] {
        cluster.create_topic(way.topic(), 3, 1)?;
        let database = directory.path().join(format!("{}.db", way.name()));
        let pool = bank::open(&database).await?;
        for worker in 0..WORKERS {
            let point = if worker % 2 == 0 { CrashPoint::BeforeCommit } else { CrashPoint::AfterCommit };
            crash_a_worker(&Job { way, point, worker, database: database.clone(), brokers: brokers.clone() })?;
        }
        let tally = match way {
            Way::DualWrite => tally::count(&pool, &brokers, way.topic()).await?,
            Way::Outbox => drain(&pool, &brokers).await?,
        };
        tallies.push(tally);
    }
    let [dual_write, outbox] = &tallies[..] else { unreachable!("two ways were run") };
    if args.iter().any(|arg| arg == "--json") {
        println!("{}", serde_json::to_string(&Counted { dual_write: dual_write.counts(), outbox: outbox.counts() })?);
    } else {
        report::print(dual_write, outbox);
    }
    Ok(())
}

/// Starts this program again as a worker and waits for its end.
fn crash_a_worker(job: &Job) -> anyhow::Result<()> {
    let status = Command::new(std::env::current_exe()?)
        .args(job.to_args())
        .stdin(Stdio::null())
        .status()
        .context("starting a worker")?;
    anyhow::ensure!(!status.success(), "a worker was meant to crash and did not");
    anyhow::ensure!(status.code().is_none(), "a worker failed before its crash, see above");
    Ok(())
}

/// Relays what the crashed workers left behind, until the topic holds what the database holds.
async fn drain(pool: &sqlx::SqlitePool, brokers: &str) -> anyhow::Result<Tally> {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let relay = Relay::builder(SqliteStore::new(pool.clone()), KafkaSink::new(brokers)?).build();
    let relay = tokio::spawn(relay.run(async move {
        stopped.await.ok();
    }));
    let deadline = Instant::now() + Duration::from_secs(30);
    while tally::count(pool, brokers, Way::Outbox.topic()).await?.counts().lost > 0 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.send(()).ok();
    relay.await??;
    tally::count(pool, brokers, Way::Outbox.topic()).await
}
