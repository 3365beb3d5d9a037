//! Published Rust crates, in a program of their own outside of the workspace (`xtask/peers`), built when they take part.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use super::{Done, Run};
use crate::bench::{database, root};

/// Peer, share of the events, and headers of its messages.
pub(super) const PEERS: [(&str, u32, usize); 3] =
    [("cf-modkit-db", 5, 10), ("ruststream-sqlx", 20, 10), ("outbox-postgres", 50, 3)];

/// Builds the program.
pub(super) async fn build() -> Result<PathBuf> {
    let place = root().canonicalize()?.join("xtask/peers");
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from).join("peers");
    let status = Command::new("cargo")
        .args(["build", "-q", "--release", "--locked"])
        .env("CARGO_TARGET_DIR", &target)
        .current_dir(place)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await
        .context("cannot run cargo")?;
    ensure!(status.success(), "xtask/peers cannot be built; `--skip peers` leaves it out");
    Ok(target.join("release/outbox-bench-peers"))
}

#[derive(serde::Deserialize)]
struct Answer {
    rate: f64,
}

pub(super) async fn drain(run: &Run<'_>, program: &Path, peer: &str) -> Result<Done> {
    database::create_empty_schema(&run.bench.database, &run.schema).await?.close().await;
    let output = Command::new(program)
        .arg(peer)
        .env("DATABASE_URL", database::url_of(&run.bench.database, &run.schema, &run.schema))
        .env("KAFKA_BROKERS", &run.bench.brokers)
        .env("BENCH_TOPIC", &run.topic)
        .env("BENCH_EVENTS", run.events.to_string())
        .env("BENCH_KEY_SQL", database::key_sql())
        .env("BENCH_PAYLOAD_SQL", database::payload_sql())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("cannot start {}", program.display()))?;
    ensure!(output.status.success(), "{peer} has failed");
    let answer: Answer = serde_json::from_slice(&output.stdout).with_context(|| format!("what {peer} says"))?;
    Ok(Done { rate: answer.rate, wal_bytes: None })
}
