//! A6: a transaction that stays open for long delays nobody else's events.

use std::time::{Duration, Instant};

use outbox::relay::Relay;
use outbox::sink::KafkaSink;
use outbox::store::PostgresStore;
use outbox::{Event, emit, transactional_event};
use sqlx::{PgPool, Postgres, Transaction};

use super::kafka;
use super::postgres::Schema;

const OPEN_FOR: Duration = Duration::from_secs(5);
const TOPIC: &str = "e2e.long-writers";

#[derive(serde::Serialize, Event)]
#[event(name = "e2e.written", version = 1, topic = "e2e.long-writers", key = writer)]
struct Written {
    run: String,
    writer: i64,
    number: i64,
}

#[transactional_event]
async fn write(tx: &mut Transaction<'_, Postgres>, event: Written) -> Result<(), sqlx::Error> {
    emit!(event);
    Ok(())
}

#[transactional_event(tx = pool)]
async fn write_and_commit(pool: &PgPool, event: Written) -> Result<(), sqlx::Error> {
    write(tx, event).await
}

/// Polls the topic until it holds `count` events of `run`; the time that took.
async fn seen(run: &str, from: &[i64], count: usize, since: Instant) -> Duration {
    loop {
        let events = kafka::read(TOPIC, from);
        if events.iter().filter(|event| event.json()["run"] == run).count() >= count {
            return since.elapsed();
        }
        assert!(since.elapsed() < Duration::from_secs(60), "{count} events did not arrive");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_long_writers_delay_nobody() {
    let schema = Schema::migrated().await;
    kafka::create_topic(TOPIC, 3, &[]).await;
    let from = kafka::ends(TOPIC);
    let sink = KafkaSink::new(super::server("KAFKA_BROKERS")).expect("a sink");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let relay = Relay::builder(PostgresStore::new(schema.pool.clone()), sink).build();
    let relay = tokio::spawn(relay.run(async move {
        stopped.await.ok();
    }));

    let event = |writer, number| Written { run: schema.name.clone(), writer, number };
    write_and_commit(&schema.pool, event(0, 0)).await.expect("a first event");
    seen(&schema.name, &from, 1, Instant::now()).await;
    let mut alone = Vec::new();
    for number in 1..=5 {
        write_and_commit(&schema.pool, event(0, number)).await.expect("an event");
        alone.push(seen(&schema.name, &from, 1 + number as usize, Instant::now()).await);
    }

    let opened = Instant::now();
    let mut open = Vec::new();
    for writer in 1..=10 {
        let mut tx = schema.pool.begin().await.expect("a long transaction");
        write(&mut tx, event(writer, 0)).await.expect("its event");
        open.push(tx);
    }
    let mut beside = Vec::new();
    for number in 6..=10 {
        write_and_commit(&schema.pool, event(0, number)).await.expect("an event");
        beside.push(seen(&schema.name, &from, 1 + number as usize, Instant::now()).await);
    }
    // The others' events are here while the ten are still open, however long that took: nobody waited for them.
    tokio::time::sleep_until((opened + OPEN_FOR).into()).await;
    for tx in open {
        tx.commit().await.expect("a late commit");
    }
    let late = seen(&schema.name, &from, 21, Instant::now()).await;
    alone.sort();
    beside.sort();
    println!(
        "commit to consumer, median of 5: {:?} alone, {:?} beside ten open transactions; theirs {late:?} after commit",
        alone[2], beside[2]
    );
    stop.send(()).expect("the relay runs");
    relay.await.expect("no panic").expect("a clean stop");
}
