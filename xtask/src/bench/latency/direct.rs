//! Straight to Kafka, without a database: what the broker and the sink alone take.

use std::collections::HashMap;

use anyhow::{Result, bail, ensure};
use outbox::sink::{KafkaSink, Message, SendError, Sink};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::bench::halves;
use crate::bench::steady::{Plan, now_us, payload};

/// Numbers of the events and when they were sent.
pub(super) async fn send(brokers: &str, topic: &str, plan: Plan) -> Result<Vec<(u32, i64)>> {
    let mut sink = KafkaSink::new(brokers)?;
    let partitions = sink.topic(topic).await?.partitions;
    let (into, mut from) = mpsc::unbounded_channel();
    let handing_out = tokio::spawn(plan.hand_out(into));
    let (mut versions, mut sent, mut answered) = (HashMap::<i64, i64>::new(), Vec::new(), 0);
    let mut answers = Vec::new();
    loop {
        let transfer = tokio::select! {
            transfer = from.recv() => transfer,
            () = sink.deliveries(&mut answers), if answered < sent.len() => {
                answered += answers.len();
                answers.drain(..).try_for_each(|answer| answer.result)?;
                continue;
            }
        };
        let Some(transfer) = transfer else { break };
        let key = transfer.key.to_string().into_bytes();
        let partition = sink.partition(Some(&key), partitions);
        for number in transfer.first..transfer.first + transfer.count {
            let version = versions.entry(transfer.key).or_default();
            *version += 1;
            let (id, seq, payload) = (Uuid::now_v7().to_string(), number.to_string(), payload(number, *version));
            let headers = halves::headers(&id, &seq, "bench.funds-withdrawn");
            sent.push((number, now_us()));
            let (key, payload) = (Some(&key[..]), Some(payload.as_bytes()));
            let message = Message { token: u64::from(number), topic, partition, key, payload, headers: &headers };
            if let Err(error) = sink.send(message) {
                let SendError::Refused(error) = error else { bail!("the sink is full at {}/s", plan.rate) };
                return Err(error.into());
            }
        }
    }
    handing_out.await?;
    while answered < sent.len() {
        sink.deliveries(&mut answers).await;
        answered += answers.len();
        answers.drain(..).try_for_each(|answer| answer.result)?;
    }
    ensure!(sent.len() == plan.events() as usize, "not everything was sent");
    sink.close().await;
    Ok(sent)
}
