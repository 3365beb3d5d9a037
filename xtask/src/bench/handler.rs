//! The cell `handler`: time and allocations of one handler, against the same transaction written by hand.
//!
//! It runs in a program of its own (`src/bin/bench-handler`), whose allocator counts: here that would slow the others.

use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use tokio::process::Command;

use super::context::Bench;
use super::database;
use super::report::Findings;

/// What the program prints, a line for each repetition and comparison.
#[derive(serde::Deserialize)]
struct Line {
    against: String,
    /// Microseconds of a call, of both sides.
    time: [f64; 2],
    /// Allocations of a call, of both sides.
    allocations: [f64; 2],
}

/// What is compared, and the names of the comparisons: of time, of allocations.
const AGAINST: [(&str, &str, &str); 3] = [
    ("postgres", "by_hand_postgres", "by_hand_postgres_allocations"),
    ("postgres_values", "by_hand_postgres_values", "by_hand_postgres_values_allocations"),
    ("sqlite", "by_hand_sqlite", "by_hand_sqlite_allocations"),
];

pub(super) async fn run(bench: &Bench) -> Result<Findings> {
    let (url, schema) = (&bench.database, format!("{}_handler", bench.prefix));
    database::create_schema(url, &schema).await?.close().await;
    let output = Command::new("cargo")
        .args(["run", "-q", "--release", "-p", "xtask", "--bin", "bench-handler", "--", &schema])
        .arg(bench.repetitions.to_string())
        .env("DATABASE_URL", url)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await
        .context("cannot run cargo")?;
    ensure!(output.status.success(), "bench-handler has failed: no number");
    let lines: Vec<Line> =
        serde_json::Deserializer::from_slice(&output.stdout).into_iter().collect::<Result<_, _>>()?;
    let mut findings = Findings::default();
    for (what, time, allocations) in AGAINST {
        let mut lines = lines.iter().filter(|line| line.against == what).peekable();
        if lines.peek().is_none() {
            bail!("bench-handler has said nothing about {what}");
        }
        for Line { time: [ours, theirs], allocations: [made, needed], .. } in lines {
            findings.sample("handler", time, "µs", *ours, *theirs);
            findings.sample("handler", allocations, "allocations", *made, *needed);
            findings.figure("handler", &format!("{time}_extra_allocations"), "", made - needed);
        }
    }
    (0..bench.repetitions).for_each(|_| bench.progress.step());
    Ok(findings)
}
