//! The cell `latency` (W3): from commit to consumer, with events written at a rate that does not wait for answers.
//!
//! Ours is the relay program beside the writer. `direct` sends to Kafka without a database, by the same sink: what is left
//! is what reading a log costs.

mod debezium;
mod direct;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::context::Bench;
use super::report::Findings;
use super::steady::{Accounts, Consumer, Plan, RelayProcess, write};
use super::{build, database, topic};

/// Events per second.
const RATES: [u32; 3] = [100, 1_000, 5_000];
const QUANTILES: [(&str, f64); 3] = [("p50", 0.50), ("p99", 0.99), ("p99.9", 0.999)];
const LEASE_SECONDS: f64 = 10.0;
/// How long a relay may take to begin.
const START: Duration = Duration::from_secs(20);
const OTHERS: [&str; 2] = ["direct", "debezium"];

pub(super) async fn run(bench: &Bench) -> Result<Findings> {
    let program = build("outbox-cli", "outbox").await?;
    let mut findings = Findings::default();
    for repetition in 1..=bench.repetitions {
        for rate in RATES {
            let plan = Plan::new(rate, Duration::from_secs(u64::from(bench.seconds)));
            let mut contestants = vec!["ours"];
            contestants.extend(OTHERS.into_iter().filter(|name| bench.has(name)));
            let turn = repetition as usize % contestants.len();
            contestants.rotate_left(turn);
            let mut found = Vec::new();
            for name in contestants {
                bench.say(format_args!("latency {repetition}/{}: {name} at {rate}/s", bench.repetitions));
                let run = Run::new(bench, name, repetition, plan, &program).await?;
                let latencies = run.measure(name).await.with_context(|| format!("{name} at {rate}/s"));
                topic::delete_all(&bench.brokers, &run.topic).await?;
                match latencies {
                    Ok(latencies) => found.push((name, latencies)),
                    Err(error) if name == "ours" => return Err(error),
                    Err(error) => bench.warn(format_args!("no number in repetition {repetition}: {error:#}")),
                }
            }
            let Some((_, ours)) = found.iter().find(|(name, _)| *name == "ours") else { continue };
            for (name, theirs) in found.iter().filter(|(name, _)| *name != "ours") {
                for (quantile, share) in QUANTILES {
                    let cell = format!("latency.{rate}.{quantile}");
                    findings.sample(&cell, name, "ms", at(ours, share), at(theirs, share));
                }
            }
        }
        bench.progress.step();
    }
    Ok(findings)
}

/// The value below which `share` of the sorted values are.
pub(super) fn at(sorted: &[f64], share: f64) -> f64 {
    let index = (share * sorted.len() as f64) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// One contestant at one rate.
struct Run<'b> {
    bench: &'b Bench,
    plan: Plan,
    schema: String,
    topic: String,
    program: PathBuf,
}

impl<'b> Run<'b> {
    async fn new(bench: &'b Bench, name: &str, repetition: u32, plan: Plan, program: &Path) -> Result<Self> {
        let topic = format!("{}.{repetition}.latency.{}.{name}", bench.prefix, plan.rate);
        topic::create(&bench.brokers, &topic).await?;
        let schema = format!("{}_latency_{name}", bench.prefix).replace('-', "_");
        Ok(Self { bench, plan, schema, topic, program: program.to_owned() })
    }

    /// Sorted latencies in milliseconds.
    async fn measure(&self, name: &str) -> Result<Vec<f64>> {
        let consumer = Consumer::start(&self.bench.brokers, &self.topic)?;
        let committed = match name {
            "ours" => return self.ours(consumer).await,
            "debezium" => return debezium::measure(self, consumer).await,
            "direct" => direct::send(&self.bench.brokers, &self.topic, self.plan).await?,
            _ => bail!("{name} is nobody"),
        };
        let arrivals = consumer.finish(self.plan.events()).await?.verified()?;
        Ok(arrivals.latencies(&committed))
    }

    async fn ours(&self, consumer: Consumer) -> Result<Vec<f64>> {
        let pool = database::create_schema(&self.bench.database, &self.schema).await?;
        let accounts = Accounts::create(pool.clone(), &self.topic).await?;
        let relay = RelayProcess::start(self.bench, &self.program, &self.schema, "relay-latency", LEASE_SECONDS)?;
        // A steady load has a relay that runs.
        let began = Instant::now();
        while sqlx::query_scalar("SELECT owner IS NULL FROM outbox_cursor").fetch_one(&pool).await? {
            ensure!(began.elapsed() < START, "the relay does not take the log");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        let committed = write(self.plan, move |transfer| {
            let accounts = accounts.clone();
            async move { accounts.emit(transfer).await }
        })
        .await?;
        let arrivals = consumer.finish(self.plan.events()).await?.verified()?;
        relay.stop().await?;
        pool.close().await;
        Ok(arrivals.latencies(&committed))
    }
}

#[cfg(test)]
mod tests {
    use super::at;

    #[test]
    fn a_quantile_is_a_value_that_was_there() {
        let values: Vec<_> = (1..=1_000).map(f64::from).collect();
        assert_eq!([0.5, 0.99, 0.999].map(|share| at(&values, share)), [501.0, 991.0, 1_000.0]);
        assert!(at(&[], 0.5).is_nan());
    }
}
