//! `outbox status`: the log at a glance. Exit code 1 when something needs a person.

use std::time::Duration;

use anyhow::Result;
use outbox_runtime::store::Overview;

use crate::Outcome;
use crate::database::{Database, block_on};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    let overview = block_on(async { Ok(args.database.open().await?.overview().await?) })?;
    if args.json {
        println!("{}", json(&overview));
    } else {
        print(&overview);
    }
    // A backlog that nobody works on, and records that wait for a command.
    let is_idle = is_free(&overview) && overview.backlog_records > 0;
    Ok(if is_idle || overview.failed > 0 { Outcome::Found } else { Outcome::Clean })
}

fn is_free(overview: &Overview) -> bool {
    overview.owner.is_none() || overview.lease_remaining.is_zero()
}

fn json(overview: &Overview) -> serde_json::Value {
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
    serde_json::json!({
        "owner": overview.owner.map(|owner| owner.to_string()),
        "epoch": overview.epoch,
        "lease_remaining_seconds": overview.lease_remaining.as_secs_f64(),
        "backlog_records": overview.backlog_records,
        "oldest_pending_seconds": seconds(overview.oldest_pending),
        "parked_failed_records": overview.failed,
        "parked_auto_records": overview.auto,
        "next_due_seconds": seconds(overview.next_due),
    })
}

fn print(overview: &Overview) {
    match overview.owner {
        Some(owner) if !is_free(overview) => println!(
            "relay     {owner}, epoch {}, lease for another {:.1} s",
            overview.epoch,
            overview.lease_remaining.as_secs_f64()
        ),
        _ => println!("relay     none: start one (`outbox relay`), or look at why it stopped"),
    }
    match overview.oldest_pending {
        Some(age) => {
            println!("backlog   at most {} records, the oldest {:.1} s", overview.backlog_records, age.as_secs_f64());
        }
        None => println!("backlog   none"),
    }
    println!("parked    {} failed, {} waiting behind them or for a topic", overview.failed, overview.auto);
    if overview.failed > 0 {
        println!("          `outbox parked list` shows why, `outbox parked retry|skip ID` decides");
    }
    if let Some(due) = overview.next_due {
        println!("delayed   next in {:.1} s", due.as_secs_f64());
    }
}
