//! `cargo xtask bench`: ratios to what the same servers allow in the same minutes; rates alone do not last.

mod database;
mod drain;
mod halves;
mod report;
mod topic;

use crate::services;
use crate::signals::Signals;
use anyhow::{Context, Result};
use std::os::unix::process::CommandExt;

/// What a bench needs of the services.
const SERVERS: [&str; 2] = ["DATABASE_URL", "KAFKA_BROKERS"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// One line of JSON for each cell and comparison, instead of a table.
    #[arg(long)]
    json: bool,
    /// This cell only.
    #[arg(long, value_enum)]
    only: Option<Cell>,
    /// Events of a repetition.
    #[arg(long, default_value_t = 300_000, value_parser = clap::value_parser!(u32).range(1_000..))]
    events: u32,
    /// Repetitions; the median counts.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    repetitions: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Cell {
    /// The relay empties a log of PostgreSQL into Kafka.
    Drain,
}

/// Where the servers are.
struct Servers {
    database: String,
    brokers: String,
}

/// Runs the benches and returns the exit code; 130 after a signal.
pub(crate) async fn run(args: Args) -> Result<i32> {
    if cfg!(debug_assertions) {
        eprintln!("bench: built without optimisation; starting it again with `cargo run --release`");
        let error = std::process::Command::new("cargo")
            .args(["run", "-q", "--release", "-p", "xtask", "--"])
            .args(std::env::args_os().skip(1))
            .exec();
        return Err(error).context("cannot run cargo");
    }
    let mut signals = Signals::new()?;
    let result = work(&args, &mut signals).await;
    services::down()?;
    result
}

async fn work(args: &Args, signals: &mut Signals) -> Result<i32> {
    let Some(env) = services::up(&SERVERS, signals).await? else { return Ok(130) };
    let value = |name| env.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let servers = Servers {
        database: value("DATABASE_URL").context("no DATABASE_URL")?,
        brokers: value("KAFKA_BROKERS").context("no KAFKA_BROKERS")?,
    };
    let mut cells = Vec::new();
    for cell in [Cell::Drain] {
        if args.only.is_none_or(|only| only == cell) {
            let schema = format!("outbox_bench_{}", std::process::id());
            let measured = tokio::select! {
                measured = drain::run(&servers, &schema, args.events, args.repetitions) => Some(measured),
                () = signals.received() => None,
            };
            // Also after a failure or a signal: nothing of a bench stays behind.
            database::drop_schema(&servers.database, &schema).await?;
            topic::delete_all(&servers.brokers, &schema).await?;
            let Some(measured) = measured else { return Ok(130) };
            cells.push(measured?);
        }
    }
    for cell in &cells {
        if args.json { report::json(cell)? } else { report::table(cell) }
    }
    Ok(0)
}
