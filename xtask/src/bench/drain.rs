//! The cell `drain`: the relay from PostgreSQL to Kafka, against its two halves alone.

use super::report::{Measured, Rates};
use super::{Servers, database, topic};
use anyhow::{Context, Result, bail, ensure};
use outbox::record::Headers;
use outbox::relay::{Relay, machine::Config};
use outbox::sink::{Delivery, KafkaSink, Message, SendError, Sink};
use outbox::store::{Acquired, PostgresStore, Store, StoredRecord};
use sqlx::PgPool;
use std::time::{Duration, Instant};

/// Headers of a message: the relay's default set.
const HEADERS: usize = 10;

pub(super) async fn run(servers: &Servers, prefix: &str, events: u32, repetitions: u32) -> Result<Measured> {
    let mut rates = Vec::new();
    for repetition in 1..=repetitions {
        let topics = [format!("{prefix}.{repetition}.drain"), format!("{prefix}.{repetition}.produce")];
        let say = |what: &str| eprintln!("drain {repetition}/{repetitions}: {what}");
        say(&format!("writing {events} events"));
        for topic in &topics {
            topic::create(&servers.brokers, topic).await?;
        }
        let pool = database::create_schema(&servers.database, prefix).await?;
        database::fill(&pool, &topics[0], events).await?;

        let (read_only, records) = read(&pool, events).await?;
        say(&format!("read-only {read_only:.0}/s"));
        // Whoever comes second finds warmer caches: they take turns.
        let drain_first = repetition % 2 == 0;
        let drained = if drain_first { Some(drain(&pool, servers, events).await?) } else { None };
        let produce_only = produce(servers, &topics[1], &records).await?;
        say(&format!("produce-only {produce_only:.0}/s"));
        drop(records);
        let drain = match drained {
            Some(drain) => drain,
            None => drain(&pool, servers, events).await?,
        };
        say(&format!("drain {drain:.0}/s; verifying"));
        for topic in &topics {
            topic::verify(&servers.brokers, topic, events, HEADERS).await?;
        }
        ensure!(database::is_settled(&pool).await?, "the relay has stopped with unsettled events: no number");
        pool.close().await;
        topic::delete_all(&servers.brokers, prefix).await?;
        rates.push(Rates { drain, read_only, produce_only });
    }
    Ok(Measured { cell: "drain", rates })
}

/// The relay's reads without what follows them; then the records once more, to be produced.
async fn read(pool: &PgPool, events: u32) -> Result<(f64, Vec<StoredRecord>)> {
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

/// The relay, from its start to the last acknowledgement; then its orderly stop.
async fn drain(pool: &PgPool, servers: &Servers, events: u32) -> Result<f64> {
    let (store, sink) = (PostgresStore::new(pool.clone()), KafkaSink::new(&*servers.brokers)?);
    let relay = Relay::builder(store, sink).build();
    let mut status = relay.status();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let began = Instant::now();
    let mut running = tokio::spawn(relay.run(async move { drop(stopped.await) }));
    let all = status.wait_for(|status| status.published >= u64::from(events));
    tokio::select! {
        all = all => drop(all.context("the relay has ended")?),
        ended = &mut running => return Err(anyhow::anyhow!("the relay has ended early: {ended:?}")),
    }
    let rate = rate(events, began);
    drop(stop);
    running.await??;
    Ok(rate)
}

/// The sink alone, with messages that were made before the clock runs.
async fn produce(servers: &Servers, topic: &str, records: &[StoredRecord]) -> Result<f64> {
    let texts: Vec<_> = records.iter().map(|r| (r.id.to_string(), r.position.to_string())).collect();
    let mut sink = KafkaSink::new(&*servers.brokers)?;
    let (mut answers, mut answered): (Vec<Delivery>, usize) = (Vec::new(), 0);
    let began = Instant::now();
    let partitions = sink.topic(topic).await?.partitions;
    for (token, (record, (id, position))) in (0..).zip(records.iter().zip(&texts)) {
        let mut headers = [("", None); HEADERS];
        let known = [
            ("ce_specversion", &b"1.0"[..]),
            ("ce_id", id.as_bytes()),
            ("ce_source", b"outbox"),
            ("ce_time", b"2026-01-01T00:00:00.000Z"),
            ("content-type", b"application/json"),
            ("id", id.as_bytes()),
            ("outbox-seq", position.as_bytes()),
            ("outbox-epoch", b"1"),
        ];
        let all = known.map(|(name, value)| (name, Some(value))).into_iter().chain(Headers::new(&record.headers));
        headers.iter_mut().zip(all).for_each(|(header, value)| *header = value);
        let partition = sink.partition(record.key.as_deref(), partitions);
        let (key, payload) = (record.key.as_deref(), record.payload.as_deref());
        let message = Message { token, topic, partition, key, payload, headers: &headers };
        while let Err(error) = sink.send(message) {
            let SendError::Full = error else { bail!("the sink refused a message: {error:?}") };
            answered += take(&mut sink, &mut answers).await?;
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

fn rate(events: u32, began: Instant) -> f64 {
    f64::from(events) / began.elapsed().as_secs_f64()
}
