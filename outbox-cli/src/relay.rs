//! `outbox relay`: the relay as a program. One owns the log, others stand by; SIGTERM drains without a duplicate.

use std::time::Duration;

use anyhow::{Context, Result};
use outbox_runtime::relay::{Relay, shutdown_signal};
use outbox_runtime::sink::KafkaSink;
use outbox_runtime::store::{PostgresStore, SqliteStore, Store};

use crate::Outcome;
use crate::admin::Admin;
use crate::database::{Database, Log, block_on};
use crate::kafka::Settings;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
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
    /// Log lines as JSON. What is logged: `RUST_LOG`, by default `info`.
    #[arg(long, env = "OUTBOX_LOG_JSON")]
    log_json: bool,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    log(args.log_json);
    block_on(async {
        // Before the relay is made: its metrics go to the recorder of that time.
        let admin = match &args.listen {
            Some(place) => Some(Admin::bind(place).await?),
            None => None,
        };
        let sink = sink(args)?;
        match args.database.open().await? {
            Log::Postgres(pool) => relay(args, postgres(args, pool)?, sink, admin).await,
            Log::Sqlite(pool) => relay(args, SqliteStore::new(pool), sink, admin).await,
        }
    })
}

fn log(json: bool) {
    use tracing_subscriber::filter::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json { lines.json().init() } else { lines.init() }
}

fn sink(args: &Args) -> Result<KafkaSink> {
    let mut builder = KafkaSink::builder(args.brokers.as_str());
    for (name, value) in args.settings.pairs()? {
        builder = builder.set(name, value);
    }
    Ok(builder.build()?)
}

fn postgres(args: &Args, pool: sqlx::PgPool) -> Result<PostgresStore> {
    let retention = Duration::try_from_secs_f64(args.retention_seconds)
        .with_context(|| format!("the retention is a number of seconds, and not {}", args.retention_seconds))?;
    let store = PostgresStore::builder(pool).retention(retention);
    Ok(match args.retention_bytes {
        None => store.build(),
        Some(bytes) => store.retention_bytes(bytes).build(),
    })
}

async fn relay<S: Store>(args: &Args, store: S, sink: KafkaSink, admin: Option<Admin>) -> Result<Outcome> {
    let seconds = |seconds: f64, what: &str| {
        let time = Duration::try_from_secs_f64(seconds).ok().filter(|time| !time.is_zero());
        time.ok_or_else(|| anyhow::anyhow!("{what} must be a positive number of seconds, it is {seconds}"))
    };
    let relay = Relay::builder(store, sink)
        .source(args.source.as_str())
        .lease(seconds(args.lease_seconds, "the lease")?)
        .drain_timeout(seconds(args.drain_seconds, "the time for draining")?)
        .build();
    if let Some(admin) = admin {
        admin.serve(vec![relay.health()]);
    }
    relay.run(shutdown_signal()).await?;
    Ok(Outcome::Clean)
}
