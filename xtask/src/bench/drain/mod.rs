//! The cell `drain` (W2): a backlog from PostgreSQL to Kafka, by us, by our two halves alone, and by others.
//!
//! All of them publish the same events with the same headers; each has a topic of its own, which is read back.

mod debezium;
mod ours;
mod peers;
pub(super) mod textbook;
mod tuned;

use super::context::{Bench, apart};
use super::headers::{HeaderSet, sink, warm_up};
use super::report::Findings;
use super::{database, halves, topic};
use anyhow::{Result, anyhow, bail, ensure};
use outbox::relay::Delivery;
use outbox::sink::KafkaSink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Who takes part beside us, which share of the events it is given (who is slow is not waited for), and how many headers
/// its messages have.
const OTHERS: [(&str, u32, usize); 4] = [
    ("textbook", 10, halves::HEADERS),
    ("textbook_tuned", 3, halves::HEADERS),
    ("textbook_tuned_delete", 3, halves::HEADERS),
    ("debezium", 4, super::debezium::HEADERS),
];

/// Ours with another setting: name, compression and delivery.
const VARIANTS: [(&str, &str, Delivery); 2] =
    [("exactly_once", "none", Delivery::ExactlyOnce), ("lz4", "lz4", Delivery::AtLeastOnce)];

/// How long another may take for its share.
const PATIENCE: Duration = Duration::from_secs(240);

pub(super) async fn run(bench: &Bench) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut contestants: Vec<_> = OTHERS.into_iter().filter(|(name, ..)| bench.has(name)).collect();
    let peers = built_peers(bench).await;
    if peers.is_some() {
        contestants.extend(peers::PEERS.into_iter().filter(|(name, ..)| bench.has(name)));
    }
    warm_up(bench).await?;
    for repetition in 1..=bench.repetitions {
        let rates = ourselves(bench, repetition, &mut findings).await?;
        let mut sample = |against, theirs| findings.sample("drain", against, "events/s", rates.drain, theirs);
        sample("read_only", rates.read_only);
        sample("produce_only", rates.produce_only);
        sample("ceiling", rates.read_only.min(rates.produce_only));
        for (name, compression, delivery) in VARIANTS.into_iter().filter(|(name, ..)| bench.has(name)) {
            let sink = sink(&bench.brokers, compression)?;
            let rate = variant(bench, repetition, name, sink, delivery).await?;
            findings.sample(&format!("drain.{name}"), "drain", "events/s", rate, rates.drain);
        }
        // Whoever comes second finds warmer caches: they take turns.
        let turn = repetition as usize % contestants.len().max(1);
        contestants.rotate_left(turn);
        for (name, share, headers) in &contestants {
            let run = Run::new(bench, name, repetition, bench.events / share).await?;
            let done = async {
                let done = other(&run, name, peers.as_deref()).await?;
                topic::verify(&bench.brokers, &run.topic, run.events, *headers).await?;
                anyhow::Ok(done)
            };
            let done = tokio::time::timeout(PATIENCE, done).await;
            match done.unwrap_or_else(|_| Err(anyhow!("nothing for {PATIENCE:?}"))) {
                Ok(Done { rate, wal_bytes }) => {
                    bench.say(format_args!("drain {repetition}: {name} {rate:.0}/s"));
                    findings.sample("drain", name, "events/s", rates.drain, rate);
                    if let Some(wal_bytes) = wal_bytes {
                        findings.sample("drain.wal", name, "B", rates.wal_bytes, wal_bytes);
                    }
                }
                // A wrong run has no number, and what others do wrong is not ours to mend.
                Err(error) => bench.warn(format_args!("{name} has no number in repetition {repetition}: {error:#}")),
            }
            topic::delete_all(&bench.brokers, &run.topic).await?;
        }
        bench.progress.step();
    }
    Ok(findings)
}

/// The program of the peers; without it they have no number.
async fn built_peers(bench: &Bench) -> Option<PathBuf> {
    if !bench.has("peers") {
        return None;
    }
    bench.say(format_args!("drain: building the peers"));
    let built = peers::build().await;
    built.inspect_err(|error| bench.warn(format_args!("the peers have no number: {error:#}"))).ok()
}

async fn other(run: &Run<'_>, name: &str, peers: Option<&Path>) -> Result<Done> {
    match (name, peers) {
        ("textbook", _) => textbook::drain(run).await,
        ("textbook_tuned", _) => tuned::drain(run, tuned::Settle::Mark).await,
        ("textbook_tuned_delete", _) => tuned::drain(run, tuned::Settle::Delete).await,
        ("debezium", _) => debezium::drain(run).await,
        (_, Some(program)) => peers::drain(run, program, name).await,
        (_, None) => bail!("there is no program of the peers"),
    }
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
    /// Write-ahead log for each relayed event, where it was looked at.
    wal_bytes: Option<f64>,
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
    let drain_first = repetition.is_multiple_of(2);
    let drain = async || ours::drain(&pool, KafkaSink::new(&bench.brokers)?, run.events, Delivery::AtLeastOnce).await;
    let drained = if drain_first { Some(drain().await?) } else { None };
    let sink = KafkaSink::new(&bench.brokers)?;
    let produce_only = apart(halves::produce(sink, produced.clone(), records, HeaderSet::Default)).await?;
    bench.say(format_args!("drain {repetition}: produce-only {produce_only:.0}/s"));
    let Done { rate, wal_bytes } = match drained {
        Some(drained) => drained,
        None => drain().await?,
    };
    bench.say(format_args!("drain {repetition}: ours {rate:.0}/s; verifying"));
    for topic in [&run.topic, &produced] {
        topic::verify(&bench.brokers, topic, run.events, halves::HEADERS).await?;
        topic::delete_all(&bench.brokers, topic).await?;
    }
    ensure!(database::is_settled(&pool).await?, "the relay has stopped with unsettled events: no number");
    pool.close().await;
    let wal_bytes = wal_bytes.unwrap_or_default();
    findings.figure("drain", "wal_per_relayed_event", "B", wal_bytes);
    Ok(Rates { drain: rate, read_only, produce_only, wal_bytes })
}

/// The same backlog by another relay of ours; events per second.
async fn variant(bench: &Bench, repetition: u32, name: &str, sink: KafkaSink, delivery: Delivery) -> Result<f64> {
    let run = Run::new(bench, name, repetition, bench.events).await?;
    let pool = database::create_schema(&bench.database, &run.schema).await?;
    database::fill(&pool, &run.topic, run.events).await?;
    let done = ours::drain(&pool, sink, run.events, delivery).await?;
    bench.say(format_args!("drain {repetition}: {name} {:.0}/s; verifying", done.rate));
    topic::verify(&bench.brokers, &run.topic, run.events, halves::HEADERS).await?;
    topic::delete_all(&bench.brokers, &run.topic).await?;
    ensure!(database::is_settled(&pool).await?, "the relay has stopped with unsettled events: no number");
    pool.close().await;
    Ok(done.rate)
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

    async fn wal_bytes(&self, pool: &sqlx::PgPool, events: u32) -> Result<Option<f64>> {
        Ok(Some((database::wal(pool).await? - self.wal) / f64::from(events)))
    }
}
