//! `ruststream-sqlx`: a queue in a table, in the row-lock form; a handler of whole claims sends all rows and waits for them.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use rdkafka::producer::FutureProducer;
use ruststream_sqlx::prelude::*;
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::Notify;

use crate::{Run, kafka};

const BATCH: usize = 1_000;

const TABLE: &str = "
CREATE TABLE withdrawals (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text NOT NULL,
    body    text NOT NULL
);
CREATE FUNCTION announce() RETURNS trigger AS $$
BEGIN PERFORM pg_notify(TG_TABLE_NAME, ''); RETURN NULL; END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER announced AFTER INSERT ON withdrawals FOR EACH STATEMENT EXECUTE FUNCTION announce();";

/// Without a payload column the handler takes the row.
#[derive(Debug, Clone, Inbox, sqlx::FromRow)]
#[inbox(table = "withdrawals")]
struct Withdrawal {
    #[field(id, generated)]
    id: i64,
    account: String,
    body: String,
}

/// Handlers have no state but what is static.
struct Target {
    producer: FutureProducer,
    topic: String,
    events: u64,
}
static TARGET: OnceLock<Target> = OnceLock::new();
static SENT: AtomicU64 = AtomicU64::new(0);
static ALL: Notify = Notify::const_new();

async fn send(rows: &[Withdrawal]) -> Result<()> {
    let target = TARGET.get().context("no producer")?;
    let enqueue =
        |row: &Withdrawal| kafka::enqueue(&target.producer, &target.topic, &row.account, row.body.as_bytes(), row.id);
    kafka::acknowledged(rows.iter().map(enqueue).collect::<Result<_>>()?).await?;
    let count = rows.len() as u64;
    if SENT.fetch_add(count, Ordering::Relaxed) + count >= target.events {
        ALL.notify_one();
    }
    Ok(())
}

#[subscriber(InboxQueue::<Withdrawal>::new("withdrawals"))]
async fn send_all(rows: &[Withdrawal]) -> Vec<HandlerOutcome> {
    let sent = send(rows).await;
    rows.iter().map(|_| if sent.is_ok() { HandlerOutcome::ack() } else { HandlerOutcome::retry() }).collect()
}

pub(crate) async fn drain(run: &Run) -> Result<f64> {
    let options: PgConnectOptions = run.database.parse()?;
    fill(run, options.clone()).await?;
    let target =
        Target { producer: kafka::producer(&run.brokers)?, topic: run.topic.clone(), events: u64::from(run.events) };
    TARGET.set(target).map_err(|_| anyhow!("there is a producer already"))?;
    let broker = SqlxBroker::from_connect_options(options, PgPoolOptions::new()).listen_notify();
    let app = RustStream::new(AppInfo::new("bench", "0.1.0")).with_broker(broker, |broker| {
        broker.include(send_all.batch(nonzero!(BATCH)));
    });
    let began = Instant::now();
    let running = tokio::spawn(app.run_until(std::future::pending::<()>()));
    ALL.notified().await;
    let rate = run.rate(began);
    // What it does with the last acknowledgements is not waited for.
    running.abort();
    Ok(rate)
}

async fn fill(run: &Run, options: PgConnectOptions) -> Result<()> {
    let pool = PgPoolOptions::new().connect_with(options).await?;
    sqlx::raw_sql(TABLE).execute(&pool).await?;
    let text = format!(
        "INSERT INTO withdrawals (account, body) SELECT {}, {} FROM generate_series(1, $1) n ORDER BY n",
        run.key_sql, run.payload_sql
    );
    sqlx::query(AssertSqlSafe(text)).bind(i32::try_from(run.events)?).execute(&pool).await?;
    sqlx::query("VACUUM ANALYZE withdrawals").execute(&pool).await?;
    sqlx::query("CHECKPOINT").execute(&pool).await?;
    pool.close().await;
    Ok(())
}
