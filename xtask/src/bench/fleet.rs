//! The cell `fleet` (W5): 1, 2 and 4 relays of one log under load; the one that owns the log is killed, its successor is
//! stopped in an orderly way, and both come back.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use sqlx::PgPool;
use tokio::task::JoinSet;

use super::context::Bench;
use super::report::Findings;
use super::steady::{Accounts, Consumer, Plan, RelayProcess, now_us, write};
use super::{build, database, topic};

const RELAYS: [usize; 3] = [1, 2, 4];
const RATE: u32 = 1_000;
/// Short, so that a run is; a hand-over after a kill takes at most this long and what reading takes.
const LEASE_SECONDS: f64 = 2.0;
/// Of undisturbed load before a fault.
const CALM: Duration = Duration::from_secs(3);
/// Of load behind a fault, until the next.
const AFTER: Duration = Duration::from_secs(5);

/// How long nobody may have the log.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn run(bench: &Bench) -> Result<Findings> {
    let program = build("outbox-cli", "outbox").await?;
    let mut findings = Findings::default();
    for repetition in 1..=bench.repetitions {
        for relays in RELAYS {
            bench.say(format_args!("fleet {repetition}/{}: {relays} relays", bench.repetitions));
            one(bench, &program, repetition, relays, &mut findings).await?;
        }
        bench.progress.step();
    }
    Ok(findings)
}

async fn one(bench: &Bench, program: &Path, repetition: u32, relays: usize, findings: &mut Findings) -> Result<()> {
    let schema = format!("{}_fleet", bench.prefix);
    let topic = format!("{}.{repetition}.fleet.{relays}", bench.prefix);
    topic::create(&bench.brokers, &topic).await?;
    let pool = database::create_schema(&bench.database, &schema).await?;
    let accounts = Accounts::create(pool.clone(), &topic).await?;
    let consumer = Consumer::start(&bench.brokers, &topic)?;
    let start = |number: usize| {
        let name = format!("relay-{number}");
        RelayProcess::start(bench, program, &schema, &name, LEASE_SECONDS)
    };
    let mut fleet = (0..relays).map(start).collect::<Result<Vec<_>>>()?;

    let plan = Plan { batch: 1, rate: RATE, time: 2 * (CALM + AFTER) };
    let mut writing = JoinSet::new();
    writing.spawn(write(plan, move |transfer| {
        let accounts = accounts.clone();
        async move { accounts.emit(transfer).await }
    }));
    tokio::time::sleep(CALM).await;
    let victim = fleet.swap_remove(owner(bench, &pool, &fleet).await?);
    victim.kill().await?;
    let killed_us = now_us();
    fleet.push(start(relays)?);
    tokio::time::sleep(AFTER + CALM).await;
    let mut stopped_us = now_us();
    if relays > 1 {
        let leaver = fleet.swap_remove(owner(bench, &pool, &fleet).await?);
        stopped_us = now_us();
        leaver.stop().await?;
        fleet.push(start(relays + 1)?);
    }
    while let Some(written) = writing.join_next().await {
        written??;
    }
    let arrivals = consumer.finish(plan.events()).await?;
    for relay in fleet {
        relay.stop().await?;
    }
    pool.close().await;
    topic::delete_all(&bench.brokers, &topic).await?;

    let cell = format!("fleet.{relays}");
    findings.figure(&cell, "duplicates", "events per kill", arrivals.duplicates as f64);
    findings.figure(&cell, "losses", "events", arrivals.losses as f64);
    findings.figure(&cell, "inversions", "events", arrivals.inversions as f64);
    findings.figure(&cell, "hand_over_kill", "s", gap(&arrivals.all_us, killed_us));
    if relays > 1 {
        findings.figure(&cell, "hand_over_stop", "s", gap(&arrivals.all_us, stopped_us));
    }
    Ok(())
}

/// Which relay has the log: the one whose connections have touched its tables last.
async fn owner(bench: &Bench, pool: &PgPool, fleet: &[RelayProcess]) -> Result<usize> {
    let began = Instant::now();
    loop {
        let name: Option<String> = sqlx::query_scalar(
            "SELECT application_name FROM pg_stat_activity
             WHERE starts_with(application_name, $1) AND query LIKE '%outbox\\_log%'
               AND application_name <> current_setting('application_name')
             ORDER BY query_start DESC LIMIT 1",
        )
        .bind(&bench.prefix)
        .fetch_optional(pool)
        .await?;
        let place = name.and_then(|name| fleet.iter().position(|relay| relay.name == name));
        if let Some(place) = place {
            return Ok(place);
        }
        ensure!(began.elapsed() < PATIENCE, "no relay has the log");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The longest silence around `at_us`, in seconds: from the last message before it, or the first time behind it.
fn gap(all_us: &[i64], at_us: i64) -> f64 {
    /// A fault's silence begins within this time.
    const NEAR_US: i64 = 4_000_000;
    let near = all_us.windows(2).filter(|pair| pair[1] >= at_us && pair[0] <= at_us + NEAR_US);
    near.map(|pair| pair[1] - pair[0]).max().unwrap_or_default() as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::gap;

    #[test]
    fn the_longest_silence_behind_a_fault_counts() {
        let arrivals = [0, 9_000_000, 9_100_000, 11_600_000, 13_100_000, 30_000_000];
        assert_eq!(gap(&arrivals, 9_050_000), 2.5);
    }
}
