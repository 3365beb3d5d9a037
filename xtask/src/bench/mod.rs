//! `cargo xtask bench`: ratios to what the same servers allow in the same minutes; rates alone do not last.

mod check;
mod database;
mod drain;
mod halves;
mod handler;
mod report;
mod topic;

use crate::services;
use crate::signals::Signals;
use anyhow::{Context, Result};
use std::os::unix::process::CommandExt;

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
    /// `cargo check` of 200 handlers, against the same by hand.
    Check,
    /// Time and allocations of one handler, against the same by hand.
    Handler,
}

impl Cell {
    const ALL: [Self; 3] = [Self::Drain, Self::Check, Self::Handler];

    /// Which servers it needs.
    fn servers(self) -> &'static [&'static str] {
        match self {
            Self::Drain => &["DATABASE_URL", "KAFKA_BROKERS"],
            Self::Check => &[],
            Self::Handler => &["DATABASE_URL"],
        }
    }
}

/// Where the servers are.
struct Servers {
    database: String,
    brokers: String,
}

/// Runs the benches and returns the exit code; 130 after a signal.
pub(crate) async fn run(args: Args) -> Result<i32> {
    let is_drain = args.only.is_none_or(|only| only == Cell::Drain);
    // The other cells measure programs that they build themselves.
    if cfg!(debug_assertions) && is_drain {
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
    let cells: Vec<_> = Cell::ALL.into_iter().filter(|cell| args.only.is_none_or(|only| only == *cell)).collect();
    let mut needed: Vec<_> = cells.iter().flat_map(|cell| cell.servers()).copied().collect();
    needed.sort_unstable();
    needed.dedup();
    let Some(env) = services::up(&needed, signals).await? else { return Ok(130) };
    let value = |name| env.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let schema = format!("outbox_bench_{}", std::process::id());
    let mut measured = Vec::new();
    for cell in cells {
        let database = || value("DATABASE_URL").context("no DATABASE_URL");
        measured.extend(match cell {
            Cell::Drain => {
                let brokers = value("KAFKA_BROKERS").context("no KAFKA_BROKERS")?;
                let servers = Servers { database: database()?, brokers };
                let measured = tokio::select! {
                    measured = drain::run(&servers, &schema, args.events, args.repetitions) => Some(measured),
                    () = signals.received() => None,
                };
                // Also after a failure or a signal: nothing of a bench stays behind.
                database::drop_schema(&servers.database, &schema).await?;
                topic::delete_all(&servers.brokers, &schema).await?;
                let Some(measured) = measured else { return Ok(130) };
                measured?
            }
            Cell::Check => tokio::select! {
                measured = check::run(args.repetitions) => measured?,
                () = signals.received() => return Ok(130),
            },
            Cell::Handler => {
                let database = database()?;
                let measured = tokio::select! {
                    measured = handler::run(&database, &schema, args.repetitions) => Some(measured),
                    () = signals.received() => None,
                };
                database::drop_schema(&database, &schema).await?;
                let Some(measured) = measured else { return Ok(130) };
                measured?
            }
        });
    }
    if args.json {
        report::json(&measured)?
    } else {
        report::table(&measured)
    }
    Ok(0)
}
