//! `outbox relay`: the relay as a program, of one log or of many. One process owns a log, others stand by; SIGTERM drains
//! without a duplicate. Exit code 1 when the relay of some log ended by itself, 2 when those of all did.

use std::time::Duration;

use anyhow::{Context, Result};
use outbox_runtime::relay::{Ended, Fleet, Health, Relay, shutdown_signal};
use outbox_runtime::sink::KafkaSink;
use outbox_runtime::store::{PostgresStore, SqliteStore, Store};

use crate::Outcome;
use crate::admin::Admin;
use crate::database::{Databases, Log, Postgres, block_on};
use crate::kafka::Settings;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    databases: Databases,
    /// `host:port,host:port`
    #[arg(long, env = "KAFKA_BROKERS")]
    brokers: String,
    #[command(flatten)]
    settings: Settings,
    /// Serve `/livez`, `/readyz` and `/metrics` here: `HOST:PORT`, or a port of 127.0.0.1, such as 9464.
    #[arg(long, env = "OUTBOX_LISTEN", value_name = "PLACE")]
    listen: Option<String>,
    /// Header `ce_source`: the service or context the events come from.
    #[arg(long, env = "OUTBOX_SOURCE", default_value = "outbox")]
    source: String,
    /// Seconds that the log stays owned without a sign of life.
    #[arg(long, env = "OUTBOX_LEASE_SECONDS", default_value_t = 10.0)]
    lease_seconds: f64,
    /// Seconds that a stop waits for acknowledgements.
    #[arg(long, env = "OUTBOX_DRAIN_SECONDS", default_value_t = 15.0)]
    drain_seconds: f64,
    /// PostgreSQL: seconds that published records are kept; not at all by default.
    #[arg(long, env = "OUTBOX_RETENTION_SECONDS", default_value_t = 0.0)]
    retention_seconds: f64,
    /// PostgreSQL: bytes on disk from which records go before that time, those published first in front.
    #[arg(long, env = "OUTBOX_RETENTION_BYTES")]
    retention_bytes: Option<u64>,
    /// How often a record arrives. `exactly-once` is for consumers with `isolation.level=read_committed`.
    #[arg(long, env = "OUTBOX_DELIVERY", value_enum, default_value = "at-least-once")]
    delivery: Delivery,
    /// Compacted topic in which exactly-once delivery keeps where each log stands; made where it is missing.
    #[arg(long, env = "OUTBOX_POSITIONS_TOPIC", default_value = "outbox-positions")]
    positions_topic: String,
    /// Log lines as JSON. What is logged: `RUST_LOG`, by default `info`.
    #[arg(long, env = "OUTBOX_LOG_JSON")]
    log_json: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Delivery {
    AtLeastOnce,
    ExactlyOnce,
}

impl From<Delivery> for outbox_runtime::relay::Delivery {
    fn from(delivery: Delivery) -> Self {
        match delivery {
            Delivery::AtLeastOnce => Self::AtLeastOnce,
            Delivery::ExactlyOnce => Self::ExactlyOnce,
        }
    }
}

const DAY: Duration = Duration::from_secs(86_400);

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    log(args.log_json);
    block_on(async {
        // Before the relay is made: its metrics go to the recorder of that time.
        let admin = match &args.listen {
            Some(place) => Some(Admin::bind(place).await?),
            None => None,
        };
        let (mut fleet, mut healths) = (Fleet::new(), Vec::new());
        let logs = args.databases.logs()?;
        let is_one = logs.len() == 1;
        for (log, name) in logs {
            // What only one has, no label has to tell.
            let label = (!is_one).then_some(name.as_str());
            // A sink of its own: what one log does to its producer is nothing to the others.
            let sink = sink(args)?;
            fleet = match log {
                Log::Postgres(log) => {
                    add(fleet, &mut healths, name.clone(), relay(args, label, postgres(args, &log)?, sink)?)
                }
                Log::Sqlite(pool) => {
                    // A file that is not there will not come by itself.
                    drop(pool.acquire().await.with_context(|| format!("{name} cannot be opened"))?);
                    add(fleet, &mut healths, name.clone(), relay(args, label, SqliteStore::new(pool), sink)?)
                }
            };
        }
        if let Some(admin) = admin {
            admin.serve(healths);
        }
        outcome(fleet.run(shutdown_signal()).await)
    })
}

fn add<S: Store>(fleet: Fleet, healths: &mut Vec<Health>, name: String, relay: Relay<S, KafkaSink>) -> Fleet {
    healths.push(relay.health());
    fleet.add(name, relay)
}

/// Whether every log's relay stopped because it was told to.
fn outcome(ended: Vec<Ended>) -> Result<Outcome> {
    let logs = ended.len();
    let mut failed = ended.into_iter().filter_map(|ended| ended.result.err().map(|error| (ended.log, error)));
    let Some((log, error)) = failed.next() else { return Ok(Outcome::Clean) };
    let rest: Vec<_> = failed.collect();
    if rest.len() + 1 == logs {
        for (log, error) in rest {
            eprintln!("error: {log}: {error}");
        }
        return Err(anyhow::Error::new(error).context(log));
    }
    println!("{log}: {error}");
    for (log, error) in rest {
        println!("{log}: {error}");
    }
    Ok(Outcome::Found)
}

fn log(json: bool) {
    use tracing_subscriber::filter::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json { lines.json().init() } else { lines.init() }
}

fn sink(args: &Args) -> Result<KafkaSink> {
    let mut builder = KafkaSink::builder(args.brokers.as_str()).positions_topic(args.positions_topic.as_str());
    for (name, value) in args.settings.pairs()? {
        builder = builder.set(name, value);
    }
    Ok(builder.build()?)
}

fn postgres(args: &Args, log: &Postgres) -> Result<PostgresStore> {
    let retention = Duration::try_from_secs_f64(args.retention_seconds)
        .with_context(|| format!("the retention is a number of seconds, and not {}", args.retention_seconds))?;
    let store = log.builder().retention(retention);
    Ok(match args.retention_bytes {
        None => store.build(),
        Some(bytes) => store.retention_bytes(bytes).build(),
    })
}

fn relay<S: Store>(args: &Args, name: Option<&str>, store: S, sink: KafkaSink) -> Result<Relay<S, KafkaSink>> {
    let seconds = |seconds: f64, what: &str| {
        let time = Duration::try_from_secs_f64(seconds).ok().filter(|time| !time.is_zero() && *time <= DAY);
        time.ok_or_else(|| {
            anyhow::anyhow!("{what} must be a positive number of seconds, a day at most; it is {seconds}")
        })
    };
    let mut relay = Relay::builder(store, sink);
    if let Some(name) = name {
        relay = relay.name(name);
    }
    Ok(relay
        .source(args.source.as_str())
        .delivery(args.delivery.into())
        .lease(seconds(args.lease_seconds, "the lease")?)
        .drain_timeout(seconds(args.drain_seconds, "the time for draining")?)
        .build())
}
