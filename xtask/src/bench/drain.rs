//! The cell `drain`: the relay from PostgreSQL to Kafka, against its two halves alone.

use super::report::{Measured, Sample};
use super::{Servers, database, halves, topic};
use anyhow::{Context, Result, ensure};
use outbox::relay::Relay;
use outbox::sink::KafkaSink;
use outbox::store::PostgresStore;
use sqlx::PgPool;
use std::time::Instant;

pub(super) async fn run(servers: &Servers, prefix: &str, events: u32, repetitions: u32) -> Result<Vec<Measured>> {
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

        let (read_only, records) = apart(halves::read(pool.clone(), events)).await?;
        say(&format!("read-only {read_only:.0}/s"));
        // Whoever comes second finds warmer caches: they take turns.
        let drain_first = repetition % 2 == 0;
        let drained = if drain_first { Some(drain(&pool, servers, events).await?) } else { None };
        let produce_only = apart(halves::produce(servers.brokers.clone(), topics[1].clone(), records)).await?;
        say(&format!("produce-only {produce_only:.0}/s"));
        let drain = match drained {
            Some(drain) => drain,
            None => drain(&pool, servers, events).await?,
        };
        say(&format!("drain {drain:.0}/s; verifying"));
        for topic in &topics {
            topic::verify(&servers.brokers, topic, events, halves::HEADERS).await?;
        }
        ensure!(database::is_settled(&pool).await?, "the relay has stopped with unsettled events: no number");
        pool.close().await;
        topic::delete_all(&servers.brokers, prefix).await?;
        rates.push(Rates { drain, read_only, produce_only });
    }
    let against = |against, other: fn(&Rates) -> f64| Measured {
        cell: "drain",
        against,
        unit: "events/s",
        samples: rates.iter().map(|rates| Sample { ours: rates.drain, theirs: other(rates) }).collect(),
    };
    Ok(vec![
        against("read_only", |rates| rates.read_only),
        against("produce_only", |rates| rates.produce_only),
        against("ceiling", |rates| rates.read_only.min(rates.produce_only)),
    ])
}

/// Events per second of one repetition.
struct Rates {
    drain: f64,
    read_only: f64,
    produce_only: f64,
}

/// On a thread of the runtime, where the relay runs too: the main thread has another heap.
async fn apart<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    tokio::spawn(work).await?
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

/// Events per second since `began`.
pub(super) fn rate(events: u32, began: Instant) -> f64 {
    f64::from(events) / began.elapsed().as_secs_f64()
}
