//! What the relay does, in halves: reading alone, and publishing alone.

use super::context::rate;
use super::headers::HeaderSet;
use anyhow::{Result, bail, ensure};
use outbox::record::Header;
use outbox::relay::machine::Config;
use outbox::sink::{Delivery, KafkaSink, Message, SendError, Sink};
use outbox::store::{Acquired, PostgresStore, Store, StoredRecord};
use sqlx::PgPool;
use std::time::{Duration, Instant};

/// Headers of a message: the relay's default set.
pub(super) const HEADERS: usize = 10;
/// Messages that the relay hands out in one go.
const BURST: usize = 4_096;

/// The relay's reads without what follows them; then the records once more, to be produced.
pub(super) async fn read(pool: PgPool, events: u32) -> Result<(f64, Vec<StoredRecord>)> {
    let pages = async |mut keep: Option<&mut Vec<StoredRecord>>| {
        let store = PostgresStore::new(pool.clone());
        let began = Instant::now();
        let Acquired::Taken(lease) = store.acquire(uuid::Uuid::now_v7(), Duration::from_secs(60)).await? else {
            bail!("another relay has the log of the bench");
        };
        let (mut cursor, mut read) = (store.load(&lease).await?.cursor, 0);
        loop {
            let page = store.read(&lease, &cursor, Config::default().page_records).await?;
            cursor = page.end;
            read += page.records.len();
            if let Some(records) = &mut keep {
                records.extend(page.records);
            }
            if read >= events as usize {
                break;
            }
        }
        let rate = rate(events, began);
        ensure!(read == events as usize, "{read} events read instead of {events}");
        store.release(&lease).await?;
        Ok(rate)
    };
    let rate = pages(None).await?;
    let mut records = Vec::new();
    pages(Some(&mut records)).await?;
    Ok((rate, records))
}

/// The sink alone, with messages whose parts were made before the clock runs; events per second.
pub(super) async fn produce(
    mut sink: KafkaSink,
    topic: String,
    records: Vec<StoredRecord>,
    headers: HeaderSet,
) -> Result<f64> {
    let window = usize::try_from(Config::default().window_records)?;
    let texts: Vec<_> = records.iter().map(|r| (r.id.to_string(), r.position.to_string())).collect();
    let (mut answers, mut answered, mut sent) = (Vec::new(), 0, 0);
    let began = Instant::now();
    let partitions = sink.topic(&topic).await?.partitions;
    // In the relay's order: partition by partition, since batches grow large that way.
    for start in (0..records.len()).step_by(BURST) {
        let range = start..records.len().min(start + BURST);
        let mut order: Vec<_> = range.map(|at| (sink.partition(records[at].key.as_deref(), partitions), at)).collect();
        order.sort_unstable();
        for (partition, at) in order {
            while sent - answered >= window {
                answered += take(&mut sink, &mut answers).await?;
            }
            let headers = headers.of(&records[at], &texts[at].0, &texts[at].1);
            let (key, payload) = (records[at].key.as_deref(), records[at].payload.as_deref());
            let message = Message { token: at as u64, topic: &topic, partition, key, payload, headers: &headers };
            while let Err(error) = sink.send(message) {
                let SendError::Full = error else { bail!("the sink refused a message: {error:?}") };
                answered += take(&mut sink, &mut answers).await?;
            }
            sent += 1;
        }
    }
    while answered < records.len() {
        answered += take(&mut sink, &mut answers).await?;
    }
    let rate = rate(u32::try_from(records.len())?, began);
    sink.close().await;
    Ok(rate)
}

async fn take(sink: &mut KafkaSink, answers: &mut Vec<Delivery>) -> Result<usize> {
    sink.deliveries(answers).await;
    let count = answers.len();
    answers.drain(..).try_for_each(|answer| answer.result)?;
    Ok(count)
}

/// The relay's headers, for those who have no relay.
pub(super) fn headers<'a>(id: &'a str, seq: &'a str, event_type: &'a str) -> [Header<'a>; HEADERS] {
    [
        ("ce_specversion", "1.0"),
        ("ce_id", id),
        ("ce_source", "outbox"),
        ("ce_time", "2026-01-01T00:00:00.000Z"),
        ("ce_type", event_type),
        ("ce_dataschema", "urn:outbox:bench.funds-withdrawn:1"),
        ("content-type", "application/json"),
        ("id", id),
        ("outbox-seq", seq),
        ("outbox-epoch", "1"),
    ]
    .map(|(name, value)| (name, Some(value.as_bytes())))
}
