//! `outbox migrate`: the outbox's tables, and roles with the least rights on them.

use anyhow::{Result, bail};
use outbox_runtime::Ident;

use crate::Outcome;
use crate::database::{Database, Log, block_on};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    /// Print the statements that make the roles PREFIX_writer, PREFIX_relay and PREFIX_admin, and change nothing.
    #[arg(long, value_name = "PREFIX", num_args = 0..=1, default_missing_value = "outbox")]
    roles: Option<Ident>,
    /// Make the tables, then the roles.
    #[arg(long, requires = "roles")]
    apply: bool,
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
        log.migrate().await?;
        println!("the outbox tables are up to date");
        if let (Some(roles), Log::Postgres(log)) = (roles, &log) {
            log.apply(&roles).await?;
            let [writer, relay, admin] = [roles.writer(), roles.relay(), roles.admin()];
            println!("roles {writer}, {relay} and {admin} are up to date; `GRANT … TO …` makes users members of them");
        }
        Ok(Outcome::Clean)
    })
}
