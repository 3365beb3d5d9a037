//! The outbox as it stands in articles, by somebody who knows both servers: uuid, jsonb, a partial index, batches of 100
//! with SKIP LOCKED, an acknowledgement for each message, then a mark.

use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use rdkafka::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord};
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

use super::{Done, Run, Watch};
use crate::bench::{database, halves};

const BATCH: i64 = 100;

/// `seq` keeps the order; the rest is what the articles have.
const TABLE: &str = "
CREATE TABLE textbook (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    seq          bigint GENERATED ALWAYS AS IDENTITY,
    topic        text NOT NULL,
    aggregate_id text NOT NULL,
    event_type   text NOT NULL,
    payload      jsonb NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz
);
CREATE INDEX textbook_unpublished ON textbook (seq) WHERE published_at IS NULL;";

/// An event on its way.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) seq: i64,
    topic: String,
    aggregate_id: String,
    event_type: String,
    payload: String,
}

pub(super) const COLUMNS: &str = "id, seq, topic, aggregate_id, event_type, payload::text AS payload";

/// The table without events.
pub(in crate::bench) async fn create(pool: &PgPool) -> Result<()> {
    sqlx::raw_sql(TABLE).execute(pool).await?;
    Ok(())
}

/// A pool on a schema with the table and all events in it.
pub(super) async fn fill(run: &Run<'_>) -> Result<PgPool> {
    let pool = database::create_empty_schema(&run.bench.database, &run.schema).await?;
    create(&pool).await?;
    let text = format!(
        "INSERT INTO textbook (topic, aggregate_id, event_type, payload)
         SELECT $2, {}, 'bench.funds-withdrawn', ({})::jsonb FROM generate_series(1, $1) n ORDER BY n",
        database::key_sql(),
        database::payload_sql()
    );
    let filled =
        sqlx::query(AssertSqlSafe(text)).bind(i32::try_from(run.events)?).bind(&run.topic).execute(&pool).await;
    filled.context("cannot fill the textbook's table")?;
    database::settle_down(&pool, "textbook").await?;
    Ok(pool)
}

/// As safe as ours: idempotent, acknowledged by all replicas.
pub(super) fn producer(brokers: &str) -> Result<FutureProducer> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set("enable.idempotence", "true").set("acks", "all").set("linger.ms", "1");
    config.set("partitioner", "murmur2_random").set("queue.buffering.max.messages", "1000000");
    Ok(config.create()?)
}

/// Enqueues in the order of the rows, which is that of their seq; the answers come later.
pub(super) fn enqueue(producer: &FutureProducer, rows: &[Row]) -> Result<Vec<DeliveryFuture>> {
    rows.iter()
        .map(|row| {
            let (id, seq) = (row.id.to_string(), row.seq.to_string());
            let headers = halves::headers(&id, &seq, &row.event_type);
            let headers = headers.iter().fold(OwnedHeaders::new_with_capacity(headers.len()), |all, (key, value)| {
                all.insert(Header { key, value: *value })
            });
            let record = FutureRecord::to(&row.topic).key(&row.aggregate_id).payload(&row.payload).headers(headers);
            producer.send_result(record).map_err(|(error, _)| error.into())
        })
        .collect()
}

/// Waits until all of them are acknowledged.
pub(super) async fn acknowledged(answers: Vec<DeliveryFuture>) -> Result<()> {
    for answer in try_join_all(answers).await? {
        answer.map_err(|(error, _)| error)?;
    }
    Ok(())
}

pub(super) async fn drain(run: &Run<'_>) -> Result<Done> {
    let pool = fill(run).await?;
    let producer = producer(&run.bench.brokers)?;
    let watch = Watch::start(&pool).await?;
    loop {
        let mut tx = pool.begin().await?;
        let text = format!(
            "SELECT {COLUMNS} FROM textbook WHERE published_at IS NULL ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED"
        );
        let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(text)).bind(BATCH).fetch_all(&mut *tx).await?;
        if rows.is_empty() {
            break;
        }
        acknowledged(enqueue(&producer, &rows)?).await?;
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        sqlx::query("UPDATE textbook SET published_at = now() WHERE id = ANY($1)").bind(ids).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    let rate = watch.rate(run.events);
    let wal_bytes = watch.wal_bytes(&pool, run.events).await?;
    pool.close().await;
    Ok(Done { rate, wal_bytes })
}
