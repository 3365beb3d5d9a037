//! `outbox-postgres` with `outbox-kafka` (oxide-outbox): its manager, its storage, its transport, which sends three headers
//! of its own and awaits each message: nothing lingers in its producer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use outbox_core::prelude::{OutboxConfig, OutboxManagerBuilder};
use outbox_kafka::{KafkaKeyExtractable, KafkaTransport};
use outbox_postgres::PostgresOutbox;
use sqlx::AssertSqlSafe;
use tokio::sync::watch;

use crate::{Run, kafka};

const BATCH: u32 = 1_000;

/// What its documents ask its user to create.
const TABLE: &str = "
CREATE TYPE status AS ENUM ('Pending', 'Processing', 'Sent');
CREATE TABLE outbox_events (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    idempotency_token text,
    event_type        text NOT NULL,
    payload           jsonb NOT NULL,
    status            status NOT NULL DEFAULT 'Pending',
    created_at        timestamptz NOT NULL DEFAULT now(),
    locked_until      timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX ON outbox_events (locked_until ASC, status) WHERE status IN ('Pending', 'Processing');
CREATE UNIQUE INDEX ON outbox_events (idempotency_token);";

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Withdrawn {
    n: u32,
    #[serde(rename = "zkey")]
    key: String,
    memo: String,
}

impl KafkaKeyExtractable for Withdrawn {
    fn kafka_key(&self) -> Vec<u8> {
        self.key.clone().into_bytes()
    }
}

pub(crate) async fn drain(run: &Run) -> Result<f64> {
    let pool = sqlx_0_8::PgPool::connect(&run.database).await?;
    fill(run).await?;
    let mut config = OutboxConfig::<Withdrawn>::default();
    (config.batch_size, config.poll_interval_secs) = (BATCH, 1);
    let config = Arc::new(config);
    let mut producer = kafka::config(&run.brokers);
    producer.set("linger.ms", "0");
    let transport = KafkaTransport::new(&run.topic, &producer).map_err(|error| anyhow!("{error:?}"))?;
    let (stop, stopped) = watch::channel(false);
    let manager = OutboxManagerBuilder::new()
        .storage(Arc::new(PostgresOutbox::new(pool, config.clone())))
        .publisher(Arc::new(transport))
        .config(config)
        .shutdown_rx(stopped)
        .build()
        .map_err(|error| anyhow!("{error:?}"))?;
    let counting = sqlx::PgPool::connect(&run.database).await?;
    let began = Instant::now();
    let running = tokio::spawn(manager.run());
    loop {
        let left = "SELECT count(*) FROM outbox_events WHERE status IN ('Pending', 'Processing')";
        let left: i64 = sqlx::query_scalar(left).fetch_one(&counting).await?;
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let rate = run.rate(began);
    stop.send(true).context("the manager has ended")?;
    running.abort();
    Ok(rate)
}

/// It reads by `locked_until`, which its writer sets to 1970 for all: here they differ, so that there is an order to keep.
async fn fill(run: &Run) -> Result<()> {
    let pool = sqlx::PgPool::connect(&run.database).await?;
    sqlx::raw_sql(TABLE).execute(&pool).await?;
    let text = format!(
        "INSERT INTO outbox_events (event_type, payload, locked_until)
         SELECT 'bench.funds-withdrawn', ({})::jsonb || jsonb_build_object('zkey', {}),
                timestamptz 'epoch' + n * interval '1 ms'
         FROM generate_series(1, $1) n ORDER BY n",
        run.payload_sql, run.key_sql
    );
    sqlx::query(AssertSqlSafe(text)).bind(i32::try_from(run.events)?).execute(&pool).await?;
    sqlx::query("VACUUM ANALYZE outbox_events").execute(&pool).await?;
    sqlx::query("CHECKPOINT").execute(&pool).await?;
    Ok(())
}
