//! `outbox migrate`: the outbox's tables.

use anyhow::Result;
use outbox_runtime::migrate::{Layout, MigrateOptions};

use crate::Outcome;
use crate::database::{Database, block_on};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    /// PostgreSQL: the log as a ring of partitions that are emptied by TRUNCATE, or as one plain table and DELETE.
    #[arg(long, env = "OUTBOX_LAYOUT", value_enum, default_value_t = LayoutName::Ring)]
    layout: LayoutName,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum LayoutName {
    Ring,
    Plain,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    block_on(async {
        let layout = match args.layout {
            LayoutName::Ring => Layout::Ring,
            LayoutName::Plain => Layout::Plain,
        };
        args.database.open().await?.migrate(MigrateOptions::new().layout(layout)).await?;
        println!("the outbox tables are up to date");
        Ok(Outcome::Clean)
    })
}
