//! The cell `handler`: time and allocations of one handler, against the same transaction written by hand.
//!
//! It runs in a program of its own (`src/bin/bench-handler`), whose allocator counts: here that would slow the others.

use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use tokio::process::Command;

use super::database;
use super::report::{Measured, Sample};

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

pub(super) async fn run(url: &str, schema: &str, repetitions: u32) -> Result<Vec<Measured>> {
    database::create_schema(url, schema).await?.close().await;
    let output = Command::new("cargo")
        .args(["run", "-q", "--release", "-p", "xtask", "--bin", "bench-handler", "--", schema])
        .arg(repetitions.to_string())
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
    let mut measured = Vec::new();
    for (what, time, allocations) in AGAINST {
        let of = |value: fn(&Line) -> [f64; 2]| -> Vec<Sample> {
            let here = lines.iter().filter(|line| line.against == what);
            here.map(value).map(|[ours, theirs]| Sample { ours, theirs }).collect()
        };
        let (times, counts) = (of(|line| line.time), of(|line| line.allocations));
        if times.is_empty() {
            bail!("bench-handler has said nothing about {what}");
        }
        measured.push(Measured { cell: "handler", against: time, unit: "µs", samples: times });
        measured.push(Measured { cell: "handler", against: allocations, unit: "allocations", samples: counts });
    }
    Ok(measured)
}
