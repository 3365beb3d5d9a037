//! The `outbox` program: one file for each command, under the command's name.
//!
//! Exit codes: 0 all is well, 1 something was found, 2 the command could not do its work.

mod explain;
mod lint;
mod registry;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
}

/// What a command found.
pub(crate) enum Outcome {
    /// Nothing to do.
    Clean,
    /// Something for a person to do; it has been printed.
    Found,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Lint(args) => lint::run(args),
        Command::Explain(args) => explain::run(&args),
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
