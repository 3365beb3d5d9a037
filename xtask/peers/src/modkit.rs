//! `cf-modkit-db`: a leased handler that sends a whole chunk, waits for it and acknowledges it; 16 partitions, 8 processors, a
//! sequencer with batches of 5,000. Its clean-up of relayed rows is not in the rate.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context, Result};
use modkit_db::outbox::{
    Batch, EnqueueMessage, HandlerResult, LeasedHandler, Outbox, OutboxHandle, OutboxProfile, Partitions, WorkerTuning,
    outbox_migrations,
};
use modkit_db::{ConnectOpts, Db, connect_db, migration_runner::run_migrations_for_testing};
use rdkafka::producer::FutureProducer;
use sqlx::{AssertSqlSafe, Row};
use tokio::sync::Notify;

use crate::{Run, kafka};

const QUEUE: &str = "bench";
const PARTITIONS: u16 = 16;
const PROCESSORS: usize = 8;
const SEQUENCER_BATCH: u32 = 5_000;
const PROCESSOR_BATCH: u32 = 1_000;
const ENQUEUED_AT_ONCE: usize = 1_000;

struct Handler {
    producer: FutureProducer,
    topic: String,
    events: u64,
    sent: Arc<AtomicU64>,
    all: Arc<Notify>,
}

impl Handler {
    async fn send(&self, batch: &mut Batch<'_>) -> Result<u32> {
        let chunk = batch.next_chunk(PROCESSOR_BATCH as usize);
        let mut answers = Vec::with_capacity(chunk.len());
        for message in chunk {
            // It has no place for a key: it stands in front of the payload.
            let at = message.payload.iter().position(|byte| *byte == b'\n').context("a payload without its key")?;
            let key = std::str::from_utf8(&message.payload[..at])?;
            answers.push(kafka::enqueue(&self.producer, &self.topic, key, &message.payload[at + 1..], message.seq)?);
        }
        let sent = u32::try_from(answers.len())?;
        kafka::acknowledged(answers).await?;
        Ok(sent)
    }
}

#[async_trait::async_trait]
impl LeasedHandler for Handler {
    async fn handle(&self, batch: &mut Batch<'_>) -> HandlerResult {
        while !batch.is_empty() {
            match self.send(batch).await {
                Ok(sent) => {
                    batch.ack_chunk(sent);
                    if self.sent.fetch_add(u64::from(sent), Ordering::Relaxed) + u64::from(sent) >= self.events {
                        self.all.notify_one();
                    }
                }
                Err(error) => return HandlerResult::Retry { reason: error.to_string() },
            }
        }
        HandlerResult::Success
    }
}

async fn start(db: &Db, handler: Handler) -> Result<OutboxHandle> {
    let sequencer = WorkerTuning::sequencer_high_throughput().batch_size(SEQUENCER_BATCH);
    let processor = WorkerTuning::processor_high_throughput().batch_size(PROCESSOR_BATCH);
    let handle = Outbox::builder(db.clone())
        .profile(OutboxProfile::high_throughput())
        .processors(PROCESSORS)
        .sequencer_tuning(sequencer)
        .processor_tuning(processor)
        .queue(QUEUE, Partitions::of(PARTITIONS))
        .leased(handler)
        .start()
        .await?;
    Ok(handle)
}

pub(crate) async fn drain(run: &Run) -> Result<f64> {
    let db = connect_db(&run.database, ConnectOpts { max_conns: Some(32), ..Default::default() }).await?;
    run_migrations_for_testing(&db, outbox_migrations()).await?;
    let (sent, all) = (Arc::<AtomicU64>::default(), Arc::<Notify>::default());
    let handler = || -> Result<Handler> {
        let (producer, topic) = (kafka::producer(&run.brokers)?, run.topic.clone());
        Ok(Handler { producer, topic, events: u64::from(run.events), sent: sent.clone(), all: all.clone() })
    };
    // Its queue is made by its start; nothing runs while it is filled.
    let handle = start(&db, handler()?).await?;
    let outbox = handle.outbox().clone();
    handle.stop().await;
    fill(run, &db, &outbox).await?;

    let handler = handler()?;
    let began = Instant::now();
    let handle = start(&db, handler).await?;
    handle.outbox().flush();
    all.notified().await;
    let rate = run.rate(began);
    handle.stop().await;
    Ok(rate)
}

/// Equal keys have equal partitions, in the order of the events.
async fn fill(run: &Run, db: &Db, outbox: &Outbox) -> Result<()> {
    let pool = sqlx::PgPool::connect(&run.database).await?;
    let text = format!("SELECT {}, {} FROM generate_series(1, $1) n ORDER BY n", run.key_sql, run.payload_sql);
    let rows = sqlx::query(AssertSqlSafe(text)).bind(i32::try_from(run.events)?).fetch_all(&pool).await?;
    let connection = db.conn()?;
    for rows in rows.chunks(ENQUEUED_AT_ONCE) {
        let messages = rows.iter().map(|row| {
            let (key, payload): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let mut hasher = DefaultHasher::new();
            key.hash(&mut hasher);
            let partition = (hasher.finish() % u64::from(PARTITIONS)) as u32;
            let payload = format!("{key}\n{payload}").into_bytes();
            Ok(EnqueueMessage { partition, payload, payload_type: "application/json" })
        });
        let messages = messages.collect::<Result<Vec<_>>>()?;
        outbox.enqueue_batch(&connection, QUEUE, &messages).await?;
    }
    for table in ["modkit_outbox_body", "modkit_outbox_incoming"] {
        sqlx::query(AssertSqlSafe(format!("VACUUM ANALYZE {table}"))).execute(&pool).await?;
    }
    sqlx::query("CHECKPOINT").execute(&pool).await?;
    Ok(())
}
