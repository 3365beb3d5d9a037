//! `outbox lint`: the presets against raw Kafka sends, and the proof that they bite.

mod audit;
mod check;
mod clients;
mod findings;
mod init;
mod levels;
mod merge;
mod preset;
mod workspace;

use anyhow::Result;
use clap::Subcommand;

use crate::Outcome;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Write the presets into the workspace's `clippy.toml`, `deny.toml` and `Cargo.toml`; what is there stays.
    Init(init::Args),
    /// Check that the presets are there and in force, and look for handlers that reach a producer through helpers.
    Check(check::Args),
}

pub(crate) fn run(args: Args) -> Result<Outcome> {
    match args.action {
        Action::Init(args) => init::run(&args),
        Action::Check(args) => check::run(&args),
    }
}
