//! `outbox adopt`: a log that another PostgreSQL cluster has written becomes this one's, and a copy one of its own.

use anyhow::{Result, bail};

use crate::Outcome;
use crate::database::{Database, Log, block_on};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    /// Do it. Without it, only what would be done is said.
    #[arg(long)]
    yes: bool,
    /// The database is a copy of another one in the same cluster: its log gets a name of its own, without which the relay of
    /// one would go by the other's position (exactly-once delivery).
    #[arg(long)]
    copy: bool,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    block_on(async {
        let Log::Postgres(log) = args.database.open().await? else {
            bail!("a SQLite file goes where it is copied to: only a log in PostgreSQL is adopted");
        };
        let store = log.store();
        let adoption = store.adoption().await?;
        if !adoption.is_needed() && args.copy {
            println!("the log is of this cluster ({}); it gets a new name", adoption.actual);
            println!("{} records will be published, {} stay parked", adoption.records, adoption.parked);
            println!(
                "they are all that the log still has where its former relay was not stopped in an orderly way, since nobody knows \
                 which of them it has committed"
            );
            if !args.yes {
                println!("if this database is a copy, and not the origin: `--yes` does it");
                return Ok(Outcome::Found);
            }
            store.adopt_copy().await?;
            println!("done: its relay publishes them");
            return Ok(Outcome::Clean);
        }
        if !adoption.is_needed() {
            println!("the log is of this cluster ({}): there is nothing to adopt", adoption.actual);
            return Ok(Outcome::Clean);
        }
        match adoption.stored {
            Some(stored) => println!("the cursor was written on cluster {stored}, this is {}", adoption.actual),
            None => println!("the log has no cursor: what was published of it already is published once more"),
        }
        println!("{} records will be published, {} stay parked", adoption.records, adoption.parked);
        println!("records that the former relay published last may come once more, with the same ids");
        if !args.yes {
            println!("if this database replaces that one, and its relay is stopped for good: `--yes` does it");
            return Ok(Outcome::Found);
        }
        store.adopt().await?;
        println!("adopted: the next relay publishes them");
        Ok(Outcome::Clean)
    })
}
