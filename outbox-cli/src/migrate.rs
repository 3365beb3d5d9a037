//! `outbox migrate`: the outbox's tables.

use anyhow::Result;

use crate::Outcome;
use crate::database::{Database, block_on};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    block_on(async {
        args.database.open().await?.migrate().await?;
        println!("the outbox tables are up to date");
        Ok(Outcome::Clean)
    })
}
