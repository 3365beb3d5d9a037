//! `cargo xtask bench`: ratios to what the same servers allow in the same minutes; rates alone do not last.
//!
//! A cell is a module; it fills [`report::Findings`], in which ours and theirs of one repetition stand side by side.

mod cell;
mod check;
mod context;
mod database;
mod debezium;
mod drain;
mod fleet;
mod halves;
mod handler;
mod headers;
mod held;
mod latency;
mod memory;
mod overhead;
mod progress;
mod report;
mod steady;
mod topic;

use crate::services;
use crate::signals::Signals;
use anyhow::{Context, Result, ensure};
use cell::Cell;
use context::Bench;
use progress::Progress;
use report::Findings;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// One line of JSON for each comparison, instead of a table.
    #[arg(long)]
    json: bool,
    /// These cells only; as often as needed.
    #[arg(long, value_enum, value_name = "CELL")]
    only: Vec<Cell>,
    /// Leave a contestant out, for example `debezium` or `textbook`; as often as needed.
    #[arg(long, value_name = "AGAINST")]
    skip: Vec<String>,
    /// Events of a drain.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(10_000..))]
    events: u32,
    /// Repetitions; the median counts.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    repetitions: u32,
    /// Seconds of each steady load.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..))]
    seconds: u32,
    /// Minutes with a transaction held open.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..))]
    minutes: u32,
    /// Replace `docs/bench` by what this run finds, with the machine's description.
    #[arg(long)]
    publish: bool,
}

/// Runs the benches and returns the exit code; 130 after a signal.
pub(crate) async fn run(args: Args) -> Result<i32> {
    let chosen = |cell: &Cell| args.only.is_empty() || args.only.contains(cell);
    let cells: Vec<_> = Cell::ALL.into_iter().filter(chosen).collect();
    if cfg!(debug_assertions) && cells.iter().any(|cell| cell.is_measured_here()) {
        eprintln!("bench: built without optimisation; starting it again with `cargo run --release`");
        let error = std::process::Command::new("cargo")
            .args(["run", "-q", "--release", "-p", "xtask", "--"])
            .args(std::env::args_os().skip(1))
            .exec();
        return Err(error).context("cannot run cargo");
    }
    let mut signals = Signals::new()?;
    let result = work(&args, &cells, &mut signals).await;
    services::down()?;
    result
}

async fn work(args: &Args, cells: &[Cell], signals: &mut Signals) -> Result<i32> {
    let mut needed: Vec<_> = cells.iter().flat_map(|cell| cell.servers()).copied().collect();
    needed.sort_unstable();
    needed.dedup();
    let Some(env) = services::up(&needed, signals).await? else { return Ok(130) };
    let value = |name| env.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let bench = Bench {
        database: value("DATABASE_URL").unwrap_or_default(),
        brokers: value("KAFKA_BROKERS").unwrap_or_default(),
        prefix: format!("outbox_bench_{}", std::process::id()),
        events: args.events,
        repetitions: args.repetitions,
        seconds: args.seconds,
        minutes: args.minutes,
        skip: args.skip.clone(),
        progress: Progress::new(cells.len() as u64 * u64::from(args.repetitions)),
    };
    let (mut findings, mut failed) = (Findings::default(), Vec::new());
    for cell in cells {
        let found = tokio::select! {
            found = one(*cell, &bench) => Some(found),
            () = signals.received() => None,
        };
        // Also after a failure or a signal: nothing of a bench stays behind.
        let cleaned = clean_up(&bench).await;
        let Some(found) = found else { return Ok(130) };
        match found {
            Ok(found) => findings.append(found),
            // The others have taken their time as well.
            Err(error) => failed.push(format!("the cell `{}` has no numbers: {error:#}", cell.name())),
        }
        cleaned.context("cannot clean up")?;
    }
    let servers = servers(&bench).await?;
    drop(bench);
    let directory = root().join("target/bench");
    report::write(&findings, &directory)?;
    if args.publish {
        let command: Vec<_> = std::env::args().skip(1).collect();
        report::publish(
            &findings,
            &root().join("docs/bench"),
            &format!("cargo xtask {}", command.join(" ")),
            &servers,
        )?;
    }
    print!("{}", if args.json { report::json(&findings)? } else { report::markdown(&findings) });
    failed.iter().for_each(|failed| eprintln!("bench: {failed}"));
    Ok(i32::from(!failed.is_empty()))
}

async fn one(cell: Cell, bench: &Bench) -> Result<Findings> {
    match cell {
        Cell::Overhead => overhead::run(bench).await,
        Cell::Drain => drain::run(bench).await,
        Cell::Memory => memory::run(bench).await,
        Cell::Latency => latency::run(bench).await,
        Cell::Held => held::run(bench).await,
        Cell::Fleet => fleet::run(bench).await,
        Cell::Headers => headers::run(bench).await,
        Cell::Check => check::run(bench).await,
        Cell::Handler => handler::run(bench).await,
    }
}

async fn clean_up(bench: &Bench) -> Result<()> {
    if !bench.database.is_empty() {
        database::drop_schemas(&bench.database, &bench.prefix).await?;
    }
    if !bench.brokers.is_empty() {
        topic::delete_all(&bench.brokers, &bench.prefix).await?;
    }
    Ok(())
}

/// What ran, for people.
async fn servers(bench: &Bench) -> Result<Vec<String>> {
    let mut servers = Vec::new();
    if !bench.database.is_empty() {
        servers.push(database::version(&bench.database).await?);
    }
    if !bench.brokers.is_empty() {
        let given = std::env::var_os("KAFKA_BROKERS").is_some();
        servers.push(if given { "Apache Kafka".to_owned() } else { format!("Apache Kafka {}", services::KAFKA) });
    }
    Ok(servers)
}

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Builds a program of the workspace, optimised; its path.
async fn build(package: &str, program: &str) -> Result<PathBuf> {
    let status = tokio::process::Command::new("cargo")
        .args(["build", "-q", "--release", "-p", package, "--bin", program])
        .current_dir(root())
        .kill_on_drop(true)
        .status()
        .await
        .context("cannot run cargo")?;
    ensure!(status.success(), "`{program}` cannot be built");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    Ok(target.join("release").join(program))
}
