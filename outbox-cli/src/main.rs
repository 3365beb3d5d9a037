//! The `outbox` program: one file for each command, under the command's name.
//!
//! Exit codes: 0 all is well, 1 something was found, 2 the command could not do its work.

/// As the standard one, but a reader that has gone (`| head`) is no panic.
macro_rules! println {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        if let Err(error) = writeln!(std::io::stdout(), $($text)*) {
            $crate::unwritten(&error);
        }
    }};
}

#[cfg(feature = "relay")]
mod admin;
#[cfg(feature = "operate")]
mod adopt;
#[cfg(feature = "operate")]
mod config;
#[cfg(feature = "operate")]
mod database;
#[cfg(feature = "operate")]
mod doctor;
mod explain;
#[cfg(feature = "relay")]
mod kafka;
mod lint;
#[cfg(feature = "operate")]
mod migrate;
#[cfg(feature = "operate")]
mod parked;
mod registry;
#[cfg(feature = "relay")]
mod relay;
#[cfg(feature = "operate")]
mod status;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Of librdkafka too: its symbols are those of the C library.
#[cfg(all(feature = "jemalloc", target_os = "linux"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Tools for services that emit events with the transactional outbox.
#[derive(Parser)]
#[command(name = "outbox", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Keep raw Kafka sends out of a workspace: write the presets, check that they bite.
    Lint(lint::Args),
    /// Explain an error code, such as OBX-007; without a code, list all of them.
    Explain(explain::Args),
    /// Make or update the outbox's tables.
    #[cfg(feature = "operate")]
    Migrate(migrate::Args),
    /// Make the log of a restored or copied database this cluster's, so that its relay publishes what is left in it.
    #[cfg(feature = "operate")]
    Adopt(adopt::Args),
    /// Show who relays the log, what waits, and what is parked.
    #[cfg(feature = "operate")]
    Status(status::Args),
    /// Say what is wrong with the database, the broker and the rights, and what to do.
    #[cfg(feature = "operate")]
    Doctor(doctor::Args),
    /// List parked records; have them tried again, or skip them.
    #[cfg(feature = "operate")]
    Parked(parked::Args),
    /// Relay the log, or many, to Kafka until SIGTERM or Ctrl-C.
    #[cfg(feature = "relay")]
    Relay(relay::Args),
}

/// What a command found.
pub(crate) enum Outcome {
    /// Nothing to do.
    Clean,
    /// Something for a person to do; it has been printed.
    Found,
}

fn main() -> ExitCode {
    let cli = match parse() {
        Ok(cli) => cli,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::from(2);
        }
    };
    let outcome = match cli.command {
        Command::Lint(args) => lint::run(args),
        Command::Explain(args) => explain::run(&args),
        #[cfg(feature = "operate")]
        Command::Migrate(args) => migrate::run(&args),
        #[cfg(feature = "operate")]
        Command::Adopt(args) => adopt::run(&args),
        #[cfg(feature = "operate")]
        Command::Status(args) => status::run(&args),
        #[cfg(feature = "operate")]
        Command::Doctor(args) => doctor::run(&args),
        #[cfg(feature = "operate")]
        Command::Parked(args) => parked::run(&args),
        #[cfg(feature = "relay")]
        Command::Relay(args) => relay::run(&args),
    };
    match outcome {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// The arguments, and where there is a file with settings, that.
#[cfg(feature = "operate")]
fn parse() -> anyhow::Result<Cli> {
    config::parse()
}

#[cfg(not(feature = "operate"))]
fn parse() -> anyhow::Result<Cli> {
    Ok(Cli::parse())
}

/// The output goes nowhere: the program ends, in silence if that is what the reader wanted.
fn unwritten(error: &std::io::Error) -> ! {
    if error.kind() != std::io::ErrorKind::BrokenPipe {
        eprintln!("error: the output could not be written: {error}");
    }
    std::process::exit(2)
}
