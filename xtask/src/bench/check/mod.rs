//! The cell `check`: what the macros add to `cargo check` of a crate with 200 handlers.
//!
//! Three crates with the same functions and the same dependencies: with the attribute and `emit!`, with each outbox INSERT
//! written out, and with one helper for it. Only their own check is measured, without incremental compilation, as CPU
//! time: the wall clock of a machine that does other things says nothing.

mod source;

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use super::context::Bench;
use super::report::Findings;
use super::root as workspace;
use source::Way;

/// Handlers of a crate.
const HANDLERS: usize = 200;

/// CPU seconds of one repetition.
struct Times {
    ours: f64,
    by_hand: f64,
    by_helper: f64,
}

pub(super) async fn run(bench: &Bench) -> Result<Findings> {
    let directory = workspace().join("target/bench/check");
    for way in Way::ALL {
        write(&directory, way)?;
        // Warm: from here on only the crate itself is checked.
        check(&directory, way).await?;
    }
    let mut findings = Findings::default();
    for repetition in 1..=bench.repetitions {
        // Whoever comes second finds warmer caches: they take turns.
        let mut order = Way::ALL;
        order.rotate_left(repetition as usize % Way::ALL.len());
        let mut now = Times { ours: 0.0, by_hand: 0.0, by_helper: 0.0 };
        for way in order {
            let seconds = check(&directory, way).await?;
            match way {
                Way::Ours => now.ours = seconds,
                Way::ByHand => now.by_hand = seconds,
                Way::ByHelper => now.by_helper = seconds,
            }
        }
        let Times { ours, by_hand, by_helper } = now;
        bench.say(format_args!(
            "check {repetition}/{}: ours {ours:.2} s, by hand {by_hand:.2} s, helper {by_helper:.2} s",
            bench.repetitions
        ));
        findings.sample("check", "by_hand", "s of CPU", ours, by_hand);
        findings.sample("check", "by_hand_with_helper", "s of CPU", ours, by_helper);
        bench.progress.step();
    }
    Ok(findings)
}

fn write(directory: &Path, way: Way) -> Result<()> {
    let place = directory.join(way.name());
    std::fs::create_dir_all(place.join("src"))?;
    let root = workspace().canonicalize()?;
    std::fs::write(place.join("Cargo.toml"), source::manifest(way, &root))?;
    std::fs::write(place.join("src/lib.rs"), source::crate_of(way, HANDLERS))?;
    // The same versions, so that what is built already is used.
    std::fs::copy(root.join("Cargo.lock"), place.join("Cargo.lock"))?;
    Ok(())
}

/// CPU seconds of checking the crate anew.
async fn check(directory: &Path, way: Way) -> Result<f64> {
    let place = directory.join(way.name());
    let file = std::fs::File::options().append(true).open(place.join("src/lib.rs"))?;
    file.set_modified(std::time::SystemTime::now())?;
    let before = children()?;
    let status = Command::new("cargo")
        .args(["check", "-q"])
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TARGET_DIR", workspace().join("target"))
        .current_dir(place)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await
        .context("cannot run cargo")?;
    ensure!(status.success(), "the handlers of `{}` do not compile: no number", way.name());
    Ok(children()? - before)
}

/// CPU seconds of all children so far that have ended.
fn children() -> Result<f64> {
    /// What the kernel counts in, for programs: 1/100 s.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").context("CPU times are read from Linux's /proc")?;
    // Behind the name in parentheses, which may hold blanks: state is field 3, cutime and cstime are 16 and 17.
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at - 3).and_then(|field| field.parse::<f64>().ok()).context("no CPU time");
    Ok((ticks(16)? + ticks(17)?) / TICKS)
}
