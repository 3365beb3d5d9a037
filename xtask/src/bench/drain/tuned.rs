//! The textbook's outbox, tuned: batches of 1,000, and reading, publishing and marking at the same time.

use anyhow::{Result, ensure};
use rdkafka::producer::FutureProducer;
use sqlx::{AssertSqlSafe, PgPool};
use tokio::sync::mpsc;

use super::textbook::{self, COLUMNS, Row};
use super::{Done, Run, Watch};
use crate::bench::context::apart;

const BATCH: i64 = 1_000;
/// Batches between two stages.
const AHEAD: usize = 4;

/// What becomes of a published row.
#[derive(Clone, Copy)]
pub(super) enum Settle {
    Mark,
    Delete,
}

pub(super) async fn drain(run: &Run<'_>, settle: Settle) -> Result<Done> {
    let pool = textbook::fill(run).await?;
    let producer = textbook::producer(&run.bench.brokers)?;
    let watch = Watch::start(&pool).await?;
    let settled = apart(pipeline(pool.clone(), producer, settle)).await?;
    let rate = watch.rate(run.events);
    ensure!(settled == u64::from(run.events), "{settled} events settled instead of {}", run.events);
    let wal_bytes = watch.wal_bytes(&pool, run.events).await?;
    pool.close().await;
    Ok(Done { rate, wal_bytes })
}

/// Rows settled.
async fn pipeline(pool: PgPool, producer: FutureProducer, settle: Settle) -> Result<u64> {
    let (read, mut to_publish) = mpsc::channel::<Vec<Row>>(AHEAD);
    let (published, mut to_settle) = mpsc::channel(AHEAD);
    let reading = tokio::spawn(read_all(pool.clone(), read));
    // Dropped, it forgets what is not acknowledged.
    let sending = producer.clone();
    let publishing = tokio::spawn(async move {
        while let Some(rows) = to_publish.recv().await {
            let answers = textbook::enqueue(&sending, &rows)?;
            if published.send((rows, answers)).await.is_err() {
                break;
            }
        }
        anyhow::Ok(())
    });
    let mut settled = 0;
    while let Some((rows, answers)) = to_settle.recv().await {
        textbook::acknowledged(answers).await?;
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let text = match settle {
            Settle::Mark => "UPDATE textbook SET published_at = now() WHERE id = ANY($1)",
            Settle::Delete => "DELETE FROM textbook WHERE id = ANY($1)",
        };
        settled += sqlx::query(text).bind(ids).execute(&pool).await?.rows_affected();
    }
    reading.await??;
    publishing.await??;
    drop(producer);
    Ok(settled)
}

/// One relay alone needs no lock: it reads on behind what it has read.
async fn read_all(pool: PgPool, into: mpsc::Sender<Vec<Row>>) -> Result<()> {
    let text = format!("SELECT {COLUMNS} FROM textbook WHERE published_at IS NULL AND seq > $1 ORDER BY seq LIMIT $2");
    let mut last = 0;
    loop {
        let query = sqlx::query_as(AssertSqlSafe(text.clone())).bind(last).bind(BATCH);
        let rows: Vec<Row> = query.fetch_all(&pool).await?;
        let Some(newest) = rows.last() else { return Ok(()) };
        last = newest.seq;
        if into.send(rows).await.is_err() {
            return Ok(());
        }
    }
}
