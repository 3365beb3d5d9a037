//! `outbox migrate`: the outbox's tables, and roles with the least rights on them.

use anyhow::{Result, bail};
use outbox_runtime::Ident;
use outbox_runtime::migrate::{Layout, MigrateOptions};

use crate::Outcome;
use crate::database::{Database, Log, block_on};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    /// PostgreSQL: the log as a ring of partitions that are emptied by TRUNCATE, or as one plain table and DELETE.
    #[arg(long, env = "OUTBOX_LAYOUT", value_enum, default_value_t = LayoutName::Ring)]
    layout: LayoutName,
    /// Print the statements that make the roles PREFIX_writer, PREFIX_relay and PREFIX_admin, and change nothing.
    #[arg(long, value_name = "PREFIX", num_args = 0..=1, default_missing_value = "outbox")]
    roles: Option<Ident>,
    /// Make the tables, then the roles.
    #[arg(long, requires = "roles")]
    apply: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum LayoutName {
    Ring,
    Plain,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    block_on(async {
        let log = args.database.open().await?;
        let roles = match (&args.roles, &log) {
            (None, _) => None,
            (Some(prefix), Log::Postgres(log)) => Some(log.roles(prefix).await?),
            (Some(_), Log::Sqlite(_)) => bail!("SQLite has no roles: whoever can open the file can do everything"),
        };
        if let (Some(roles), false) = (&roles, args.apply) {
            println!("{}", roles.sql().trim_end());
            return Ok(Outcome::Clean);
        }
        let layout = match args.layout {
            LayoutName::Ring => Layout::Ring,
            LayoutName::Plain => Layout::Plain,
        };
        log.migrate(MigrateOptions::new().layout(layout)).await?;
        println!("the outbox tables are up to date");
        if let (Some(roles), Log::Postgres(log)) = (roles, &log) {
            log.apply(&roles).await?;
            let [writer, relay, admin] = [roles.writer(), roles.relay(), roles.admin()];
            println!("roles {writer}, {relay} and {admin} are up to date; `GRANT … TO …` makes users members of them");
        }
        Ok(Outcome::Clean)
    })
}
