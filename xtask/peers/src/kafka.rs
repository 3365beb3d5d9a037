//! The producer of all peers, and their headers: those of the relay that they are compared to.

use anyhow::Result;
use futures_util::future::try_join_all;
use rdkafka::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord};

pub(crate) fn config(brokers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set("enable.idempotence", "true").set("acks", "all").set("linger.ms", "1");
    config.set("partitioner", "murmur2_random").set("queue.buffering.max.messages", "1000000");
    config
}

pub(crate) fn producer(brokers: &str) -> Result<FutureProducer> {
    Ok(config(brokers).create()?)
}

/// Enqueues one message; the answer comes later.
pub(crate) fn enqueue(
    producer: &FutureProducer,
    topic: &str,
    key: &str,
    payload: &[u8],
    seq: i64,
) -> Result<DeliveryFuture> {
    let (id, seq) = (uuid::Uuid::now_v7().to_string(), seq.to_string());
    let headers = [
        ("ce_specversion", "1.0"),
        ("ce_id", &id),
        ("ce_source", "outbox"),
        ("ce_time", "2026-01-01T00:00:00.000Z"),
        ("ce_type", "bench.funds-withdrawn"),
        ("ce_dataschema", "urn:outbox:bench.funds-withdrawn:1"),
        ("content-type", "application/json"),
        ("id", &id),
        ("outbox-seq", &seq),
        ("outbox-epoch", "1"),
    ];
    let headers = headers.iter().fold(OwnedHeaders::new_with_capacity(headers.len()), |all, (key, value)| {
        all.insert(Header { key, value: Some(*value) })
    });
    let record = FutureRecord::to(topic).key(key).payload(payload).headers(headers);
    producer.send_result(record).map_err(|(error, _)| error.into())
}

/// Waits until all of them are acknowledged.
pub(crate) async fn acknowledged(answers: Vec<DeliveryFuture>) -> Result<()> {
    for answer in try_join_all(answers).await? {
        answer.map_err(|(error, _)| error)?;
    }
    Ok(())
}
