//! The cell `held` (W4): minutes at 2,000 events/s with a transaction held open that sees everything as it was before.
//!
//! Nothing that dies meanwhile can be vacuumed: a queue that marks or deletes its rows grows and slows down.

use std::time::{Duration, Instant};

use anyhow::Result;
use sqlx::{AssertSqlSafe, PgPool};

use super::context::Bench;
use super::latency::at;
use super::report::{Course, Findings};
use super::steady::{Accounts, Consumer, Plan, RelayProcess, now_us, write};
use super::{build, database, topic};

const RATE: u32 = 2_000;
const MINUTE_US: i64 = 60_000_000;
const LEASE_SECONDS: f64 = 10.0;
/// Between two looks at the tables.
const LOOK: Duration = Duration::from_secs(5);

pub(super) async fn run(bench: &Bench) -> Result<Findings> {
    let program = build("outbox-cli", "outbox").await?;
    let (schema, topic) = (format!("{}_held", bench.prefix), format!("{}.held", bench.prefix));
    topic::create(&bench.brokers, &topic).await?;
    let pool = database::create_schema(&bench.database, &schema).await?;
    let accounts = Accounts::create(pool.clone(), &topic).await?;
    let plan = Plan::new(RATE, Duration::from_secs(u64::from(bench.minutes) * 60));
    let consumer = Consumer::start(&bench.brokers, &topic)?;
    let relay = RelayProcess::start(bench, &program, &schema, "relay-held", LEASE_SECONDS)?;

    let mut holder = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await?;
    sqlx::query("SELECT pg_current_xact_id(), count(*) FROM outbox_log").execute(&mut *holder).await?;
    let (began_us, began) = (now_us(), Instant::now());
    let mut writing = std::pin::pin!(write(plan, move |transfer| {
        let accounts = accounts.clone();
        async move { accounts.emit(transfer).await }
    }));
    let mut bytes = Vec::new();
    let committed = loop {
        tokio::select! {
            committed = &mut writing => break committed?,
            () = tokio::time::sleep(LOOK) => {
                let second = began.elapsed().as_secs_f64();
                bytes.push((second, Tables::read(&pool).await?.bytes));
                bench.say(format_args!("held: {second:.0} s of {} minutes, {} arrived", bench.minutes, consumer.count()));
            }
        }
    };
    let tables = Tables::read(&pool).await?;
    let arrivals = consumer.finish(plan.events()).await?.verified()?;
    holder.rollback().await?;
    relay.stop().await?;
    pool.close().await;

    let mut findings = Findings::default();
    let in_minute = |at_us: i64, minute: u32| (at_us - began_us) / MINUTE_US == i64::from(minute);
    let last = bench.minutes - 1;
    let rate = |minute| arrivals.all_us.iter().filter(|at_us| in_minute(**at_us, minute)).count() as f64 / 60.0;
    findings.sample("held.rate", "first_minute", "events/s", rate(last), rate(0));
    let latencies = |minute| {
        let of_minute: Vec<_> = committed.iter().copied().filter(|(_, at_us)| in_minute(*at_us, minute)).collect();
        arrivals.latencies(&of_minute)
    };
    let (first, last) = (latencies(0), latencies(last));
    for (quantile, share) in [("p50", 0.50), ("p99", 0.99)] {
        findings.sample(&format!("held.{quantile}"), "first_minute", "ms", at(&last, share), at(&first, share));
    }
    findings.figure("held", "dead_tuples_log", "tuples", tables.dead_in_log);
    findings.figure("held", "dead_tuples_other", "tuples", tables.dead_elsewhere);
    findings.figure("held", "table_bytes", "MiB", tables.bytes);
    findings.figure("held", "table_bytes_per_event", "B", tables.bytes * 1_048_576.0 / f64::from(plan.events()));
    findings.courses.push(Course { cell: "held", what: "table bytes", unit: "MiB", points: bytes });
    (0..bench.repetitions).for_each(|_| bench.progress.step());
    Ok(findings)
}

/// The outbox's tables.
struct Tables {
    dead_in_log: f64,
    dead_elsewhere: f64,
    /// MiB, with indexes.
    bytes: f64,
}

impl Tables {
    async fn read(pool: &PgPool) -> Result<Self> {
        let dead = "coalesce(sum(n_dead_tup) FILTER (WHERE relname LIKE 'outbox\\_log%'), 0)::float8";
        let text = format!(
            "SELECT {dead}, coalesce(sum(n_dead_tup), 0)::float8 - {dead},
                    coalesce(sum(pg_total_relation_size(relid)), 0)::float8 / 1048576
             FROM pg_stat_user_tables WHERE schemaname = current_schema() AND relname LIKE 'outbox\\_%'"
        );
        let (dead_in_log, dead_elsewhere, bytes) = sqlx::query_as(AssertSqlSafe(text)).fetch_one(pool).await?;
        Ok(Self { dead_in_log, dead_elsewhere, bytes })
    }
}
