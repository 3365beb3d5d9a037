//! Debezium with a backlog: written while it is stopped, in transactions of ten events.

use anyhow::{Context, Result};
use sqlx::AssertSqlSafe;
use std::time::Instant;

use super::{Done, Run};
use crate::bench::context::rate;
use crate::bench::debezium::Debezium;
use crate::bench::{database, topic};

/// The clock starts with its first messages: what resuming takes is not counted.
pub(super) async fn drain(run: &Run<'_>) -> Result<Done> {
    let brokers = &run.bench.brokers;
    let pool = database::create_empty_schema(&run.bench.database, &run.schema).await?;
    let mut debezium = Debezium::start(run.bench, &pool, &run.schema, &run.topic).await?;
    debezium.pause().await?;
    // By itself: a DO that commits cannot be a part of several statements.
    let text = format!(
        "DO $$ BEGIN
             FOR beginning IN 1..{events} BY 10 LOOP
                 INSERT INTO debezium (aggregatetype, aggregateid, type, payload)
                 SELECT 'bench', {key}, 'bench.funds-withdrawn', ({payload})::jsonb
                 FROM generate_series(beginning, least(beginning + 9, {events})) n ORDER BY n;
                 COMMIT;
             END LOOP;
         END $$",
        events = run.events,
        key = database::key_sql(),
        payload = database::payload_sql(),
    );
    let mut connection = pool.acquire().await?;
    sqlx::raw_sql("SET synchronous_commit = off").execute(&mut *connection).await?;
    let filled = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut *connection).await;
    filled.context("cannot fill Debezium's table")?;
    connection.close().await?;
    sqlx::query("CHECKPOINT").execute(&pool).await?;
    let wal = database::wal(&pool).await?;
    debezium.resume().await?;
    let first = topic::wait(brokers, &run.topic, 1, || debezium.check()).await?;
    let began = Instant::now();
    topic::wait(brokers, &run.topic, run.events, || debezium.check()).await?;
    // Those that had come when the clock was started are not counted.
    let rate = rate(run.events.saturating_sub(first), began);
    let wal_bytes = (database::wal(&pool).await? - wal) / f64::from(run.events);
    debezium.stop(&pool, &run.schema).await?;
    pool.close().await;
    Ok(Done { rate, wal_bytes })
}
