//! The cell `memory` (W2): what the relay program takes with a backlog, above what it takes with nothing to do.

use std::time::Duration;

use anyhow::Result;

use super::context::Bench;
use super::report::Findings;
use super::steady::RelayProcess;
use super::{build, database, halves, topic};

const LEASE_SECONDS: f64 = 10.0;
/// Until an idle relay has everything that it needs.
const IDLE: Duration = Duration::from_secs(3);

pub(super) async fn run(bench: &Bench) -> Result<Findings> {
    let program = build("outbox-cli", "outbox").await?;
    let mut findings = Findings::default();
    for repetition in 1..=bench.repetitions {
        let (schema, topic) = (format!("{}_memory", bench.prefix), format!("{}.{repetition}.memory", bench.prefix));
        topic::create(&bench.brokers, &topic).await?;
        let pool = database::create_schema(&bench.database, &schema).await?;
        bench.say(format_args!("memory {repetition}/{}: idle", bench.repetitions));
        // One event, so that the producer has had its connection.
        database::fill(&pool, &topic, 1).await?;
        let mut relay = RelayProcess::start(bench, &program, &schema, "relay-idle", LEASE_SECONDS)?;
        topic::wait(&bench.brokers, &topic, 1, || relay.check()).await?;
        tokio::time::sleep(IDLE).await;
        let (idle, _) = relay.memory()?;
        relay.stop().await?;

        bench.say(format_args!("memory {repetition}/{}: a backlog of {}", bench.repetitions, bench.events));
        topic::delete_all(&bench.brokers, &topic).await?;
        let topic = format!("{topic}.backlog");
        topic::create(&bench.brokers, &topic).await?;
        let pool = {
            pool.close().await;
            database::create_schema(&bench.database, &schema).await?
        };
        database::fill(&pool, &topic, bench.events).await?;
        let mut relay = RelayProcess::start(bench, &program, &schema, "relay-backlog", LEASE_SECONDS)?;
        topic::wait(&bench.brokers, &topic, bench.events, || relay.check()).await?;
        let (_, most) = relay.memory()?;
        relay.stop().await?;
        topic::verify(&bench.brokers, &topic, bench.events, halves::HEADERS).await?;
        findings.figure("memory", "idle", "MiB", idle);
        findings.figure("memory", "above_idle", "MiB", most - idle);
        pool.close().await;
        topic::delete_all(&bench.brokers, &topic).await?;
        bench.progress.step();
    }
    Ok(findings)
}
