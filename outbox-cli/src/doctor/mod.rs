//! `outbox doctor`: what is wrong with this database, this broker and these rights, and what to do. It changes nothing.
//! Exit code 1 when something was found.

#[cfg(feature = "relay")]
mod broker;
mod finding;
mod log;
mod postgres;
mod sqlite;

use std::time::Duration;

use anyhow::Result;

use crate::Outcome;
use crate::database::{Database, Log, block_on};
use finding::Finding;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    #[cfg(feature = "relay")]
    #[command(flatten)]
    broker: broker::Broker,
    /// Seconds after which a record that waits, or a transaction that is open, is worth a word.
    #[arg(long, env = "OUTBOX_OLD_SECONDS", default_value_t = 300.0)]
    old_seconds: f64,
    /// One line of JSON for each finding.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    let old = Duration::try_from_secs_f64(args.old_seconds);
    let old = old.map_err(|_| anyhow::anyhow!("`--old-seconds` is a number of seconds, not {}", args.old_seconds))?;
    let findings = block_on(examine(args, old))?;
    for finding in &findings {
        if args.json {
            println!("{}", finding.json());
        } else {
            println!("{finding}");
        }
    }
    if findings.is_empty() && !args.json {
        println!("nothing is wrong");
    }
    Ok(if findings.is_empty() { Outcome::Clean } else { Outcome::Found })
}

async fn examine(args: &Args, old: Duration) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut topics = Vec::new();
    match args.database.open().await {
        Ok(Log::Postgres(log)) => {
            let pool = log.in_search_path();
            let sees_rows = postgres::examine(&pool, old, &mut findings).await;
            if sees_rows {
                log::examine(&Log::Postgres(log), old, &mut findings).await;
                topics = postgres::topics(&pool).await.unwrap_or_default();
            }
        }
        Ok(Log::Sqlite(pool)) => {
            if sqlite::examine(&pool, &mut findings).await {
                log::examine(&Log::Sqlite(pool.clone()), old, &mut findings).await;
                topics = sqlite::topics(&pool).await.unwrap_or_default();
            }
        }
        Err(error) => findings.push(Finding::error(
            "OBX-141",
            format!("{error:#}"),
            "check the URL, the password, and that the server runs and can be reached from here",
        )),
    }
    #[cfg(feature = "relay")]
    if let Err(error) = broker::examine(&args.broker, topics, &mut findings).await {
        // What was found until here is told all the same.
        findings.push(Finding::error(
            "OBX-161",
            format!("no broker was asked: {error:#}"),
            "correct `--kafka` and `--brokers`, also in the environment and in the file of settings",
        ));
    }
    #[cfg(not(feature = "relay"))]
    drop(topics);
    Ok(findings)
}
