//! T8, T11, T24, T28: waiting, dropping and closing lose nothing, and never hang.

use std::time::{Duration, Instant};

use outbox_runtime::sink::{KafkaSink, Sink};

use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

use crate::common::{answered, brokers, classes, create_topic, deliveries, numbers, read, send, send_all};

#[tokio::test]
async fn t8_a_dropped_wait_withdraws_nothing() {
    let topic = create_topic("t8", 1, &[]).await;
    let mut sink = KafkaSink::builder(brokers()).set("linger.ms", "50").build().unwrap();
    let mut answers = Vec::new();
    for token in 0..100 {
        send(&mut sink, &topic, 0, token).unwrap();
        // Polled once and dropped, as a `select!` does.
        let _ = tokio::time::timeout(Duration::ZERO, sink.deliveries(&mut answers)).await;
    }
    answered(&mut sink, &mut answers, 100).await;
    sink.close().await;
    assert_eq!(classes(&answers), [("ok".to_owned(), 100)].into());
    assert_eq!(numbers(&read(brokers(), &topic).await), (0..100).collect::<Vec<_>>());
}

#[tokio::test]
async fn t11_drained_then_dropped_loses_and_repeats_nothing() {
    let topic = create_topic("t11", 1, &[]).await;
    let mut sink = KafkaSink::builder(brokers()).set("linger.ms", "20").build().unwrap();
    let mut answers = send_all(&mut sink, &topic, 0, 0..1_001).await;
    answered(&mut sink, &mut answers, 1_001).await;
    drop(sink);
    assert_eq!(classes(&answers), [("ok".to_owned(), 1_001)].into());
    assert_eq!(numbers(&read(brokers(), &topic).await), (0..1_001).collect::<Vec<_>>());
}

#[tokio::test]
async fn t24_answers_wake_the_waiter_without_a_flush() {
    let topic = create_topic("t24", 1, &[]).await;
    let mut sink = KafkaSink::builder(brokers()).set("linger.ms", "0").build().unwrap();
    let mut answers = Vec::new();
    send(&mut sink, &topic, 0, 0).unwrap();
    deliveries(&mut sink, &mut answers).await;
    let control: BaseProducer =
        ClientConfig::new().set("bootstrap.servers", brokers()).set("linger.ms", "0").create().unwrap();
    let (mut waits, mut flushes) = (Vec::new(), Vec::new());
    for token in 1..=20 {
        let started = Instant::now();
        send(&mut sink, &topic, 0, token).unwrap();
        deliveries(&mut sink, &mut answers).await;
        waits.push(started.elapsed());
        let started = Instant::now();
        control.send(BaseRecord::to(&topic).payload("control").key("k")).unwrap();
        control.flush(Duration::from_secs(10)).unwrap();
        flushes.push(started.elapsed());
    }
    sink.close().await;
    waits.sort();
    flushes.sort();
    // A flush sleeps about 100 ms each time; the control, in the same moments, is what must be beaten.
    assert!(waits[10] < flushes[10], "half of the answers took {:?} or more, flushes {:?}", waits[10], flushes[10]);
}

#[tokio::test]
async fn t28_close_and_rebuild_return_with_the_broker_down() {
    let deadline = Duration::from_secs(2);
    let mut sink = KafkaSink::builder("127.0.0.1:1").close_within(deadline).build().unwrap();
    for token in 0..100 {
        send(&mut sink, "nowhere", 0, token).unwrap();
    }
    let started = Instant::now();
    sink.rebuild().await.unwrap();
    let mut answers = Vec::new();
    let old = tokio::time::timeout(Duration::from_millis(200), sink.deliveries(&mut answers)).await;
    assert!(old.is_err(), "answers of the old producer came out: {answers:?}");
    send(&mut sink, "nowhere", 0, 100).unwrap();
    sink.close().await;
    assert!(started.elapsed() < 2 * deadline + Duration::from_secs(3), "took {:?}", started.elapsed());
}
