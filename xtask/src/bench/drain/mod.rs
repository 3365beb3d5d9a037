//! The cell `drain` (W2): a backlog from PostgreSQL to Kafka, by us, by our two halves alone, and by others.
//!
//! All of them publish the same events with the same headers; each has a topic of its own, which is read back.

mod debezium;
mod ours;
mod peers;
pub(super) mod textbook;
mod tuned;

use super::context::{Bench, apart};
use super::headers::{HeaderSet, warm_up};
use super::report::Findings;
use super::{database, halves, topic};
use anyhow::{Context, Result, ensure};
use std::time::Instant;

/// Who takes part beside us, and which share of the events it is given: who is slow is not waited for.
const OTHERS: [(&str, u32); 4] =
    [("textbook", 10), ("textbook_tuned", 3), ("textbook_tuned_delete", 3), ("debezium", 4)];

pub(super) async fn run(bench: &Bench) -> Result<Findings> {
    let mut findings = Findings::default();
    let peers = if bench.has("peers") {
        bench.say(format_args!("drain: building the peers"));
        Some(peers::build().await?)
    } else {
        None
    };
    warm_up(bench).await?;
    for repetition in 1..=bench.repetitions {
        let rates = ourselves(bench, repetition, &mut findings).await?;
        let mut sample = |against, theirs| findings.sample("drain", against, "events/s", rates.drain, theirs);
        sample("read_only", rates.read_only);
        sample("produce_only", rates.produce_only);
        sample("ceiling", rates.read_only.min(rates.produce_only));
        // Whoever comes second finds warmer caches: they take turns.
        let mut others: Vec<_> = OTHERS.into_iter().filter(|(name, _)| bench.has(name)).collect();
        let turn = repetition as usize % others.len().max(1);
        others.rotate_left(turn);
        for (name, share) in others {
            let run = Run::new(bench, name, repetition, bench.events / share).await?;
            let mut headers = halves::HEADERS;
            let done = match name {
                "debezium" => {
                    headers = super::debezium::HEADERS;
                    debezium::drain(&run).await
                }
                "textbook" => textbook::drain(&run).await,
                "textbook_tuned" => tuned::drain(&run, tuned::Settle::Mark).await,
                _ => tuned::drain(&run, tuned::Settle::Delete).await,
            };
            let Done { rate, wal_bytes } = done.with_context(|| name.to_owned())?;
            topic::verify(&bench.brokers, &run.topic, run.events, headers).await?;
            bench.say(format_args!("drain {repetition}: {name} {rate:.0}/s"));
            findings.sample("drain", name, "events/s", rates.drain, rate);
            findings.sample("drain.wal", name, "B", rates.wal_bytes, wal_bytes);
            topic::delete_all(&bench.brokers, &run.topic).await?;
        }
        for (name, share, headers) in peers::PEERS.into_iter().filter(|(name, ..)| bench.has(name)) {
            let Some(program) = &peers else { break };
            let run = Run::new(bench, name, repetition, bench.events / share).await?;
            let rate = peers::drain(&run, program, name).await?;
            bench.say(format_args!("drain {repetition}: {name} {rate:.0}/s"));
            match topic::verify(&bench.brokers, &run.topic, run.events, headers).await {
                Ok(()) => findings.sample("drain", name, "events/s", rates.drain, rate),
                // A wrong run has no number, and its crate is not ours to mend.
                Err(error) => {
                    bench.say(format_args!("drain {repetition}: {name}: {error:#}"));
                    findings.figure("drain.wrong_runs", name, "runs", 1.0);
                }
            }
            topic::delete_all(&bench.brokers, &run.topic).await?;
        }
        bench.progress.step();
    }
    Ok(findings)
}

/// What a contestant is given.
struct Run<'b> {
    bench: &'b Bench,
    /// Its own.
    schema: String,
    /// Its own, which exists.
    topic: String,
    events: u32,
}

impl<'b> Run<'b> {
    async fn new(bench: &'b Bench, name: &str, repetition: u32, events: u32) -> Result<Self> {
        bench.say(format_args!("drain {repetition}/{}: {name}, {events} events", bench.repetitions));
        let schema = format!("{}_{name}", bench.prefix).replace('-', "_");
        let topic = format!("{}.{repetition}.{name}", bench.prefix);
        topic::create(&bench.brokers, &topic).await?;
        Ok(Self { bench, schema, topic, events })
    }
}

/// What came out.
struct Done {
    /// Events per second.
    rate: f64,
    /// Write-ahead log for each relayed event.
    wal_bytes: f64,
}

/// Of ours, in one repetition.
struct Rates {
    drain: f64,
    read_only: f64,
    produce_only: f64,
    wal_bytes: f64,
}

async fn ourselves(bench: &Bench, repetition: u32, findings: &mut Findings) -> Result<Rates> {
    let run = Run::new(bench, "drain", repetition, bench.events).await?;
    let produced = format!("{}.{repetition}.produce", bench.prefix);
    topic::create(&bench.brokers, &produced).await?;
    let pool = database::create_schema(&bench.database, &run.schema).await?;
    database::fill(&pool, &run.topic, run.events).await?;

    let (read_only, records) = apart(halves::read(pool.clone(), run.events)).await?;
    bench.say(format_args!("drain {repetition}: read-only {read_only:.0}/s"));
    let drain_first = repetition % 2 == 0;
    let drained = if drain_first { Some(ours::drain(&pool, &bench.brokers, run.events).await?) } else { None };
    let produce_only =
        apart(halves::produce(bench.brokers.clone(), produced.clone(), records, HeaderSet::Default)).await?;
    bench.say(format_args!("drain {repetition}: produce-only {produce_only:.0}/s"));
    let Done { rate, wal_bytes } = match drained {
        Some(drained) => drained,
        None => ours::drain(&pool, &bench.brokers, run.events).await?,
    };
    bench.say(format_args!("drain {repetition}: ours {rate:.0}/s; verifying"));
    for topic in [&run.topic, &produced] {
        topic::verify(&bench.brokers, topic, run.events, halves::HEADERS).await?;
        topic::delete_all(&bench.brokers, topic).await?;
    }
    ensure!(database::is_settled(&pool).await?, "the relay has stopped with unsettled events: no number");
    pool.close().await;
    findings.figure("drain", "wal_per_relayed_event", "B", wal_bytes);
    Ok(Rates { drain: rate, read_only, produce_only, wal_bytes })
}

/// The clock and the write-ahead log of a drain.
struct Watch {
    began: Instant,
    wal: f64,
}

impl Watch {
    async fn start(pool: &sqlx::PgPool) -> Result<Self> {
        let wal = database::wal(pool).await?;
        Ok(Self { began: Instant::now(), wal })
    }

    /// Events per second until now.
    fn rate(&self, events: u32) -> f64 {
        super::context::rate(events, self.began)
    }

    async fn wal_bytes(&self, pool: &sqlx::PgPool, events: u32) -> Result<f64> {
        Ok((database::wal(pool).await? - self.wal) / f64::from(events))
    }
}
