//! Transactions of the Kafka sink: one `transactional.id` per log, and the log's position as one more message of each.
//!
//! Calls that block run on threads of their own. A commit finds nothing in flight: waiting for that inside of
//! `commit_transaction` costs 100 ms each time (T24), so answers are waited for by poll.

use std::thread;
use std::time::{Duration, Instant};

use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use uuid::Uuid;

use super::classify::classify_error;
use super::positions;
use super::producer::{Context, Lane};
use super::{Class, KafkaSink, SinkError};
use crate::sink::{Delivery, TransactionalSink};

/// Token of the message that is the position.
const POSITION: u64 = u64::MAX;
/// How long one blocking call takes at most; it is repeated until the patience is over.
const STEP: Duration = Duration::from_secs(5);

/// Name of a log's transactions: users grant it by the prefix `outbox-`.
pub(super) fn transactional_id(log: Uuid) -> String {
    format!("outbox-{log}")
}

impl TransactionalSink for KafkaSink {
    async fn begin(&mut self, log: Uuid) -> Result<(), SinkError> {
        if let Some(lane) = self.lane.take() {
            give_up(&lane, self.builder.close_within).await;
            lane.stop(self.builder.close_within).await;
        }
        self.positions_partitions = None;
        self.positions_partitions().await?;
        let mut config = self.builder.producer(self.topics.message_bytes_max);
        config.set("transactional.id", transactional_id(log));
        let lane = Lane::start(&config, self.last_error.clone())?;
        let within = self.builder.metadata_within;
        let begun = lane.blocking(move |producer| {
            patiently(within, |step| producer.init_transactions(step))?;
            producer.begin_transaction()
        });
        match begun.await {
            Ok(()) => {
                self.lane = Some(lane);
                Ok(())
            }
            Err(error) => {
                let error = self.judge(&error, "beginning a transaction", log);
                lane.stop(self.builder.close_within).await;
                Err(error)
            }
        }
    }

    async fn position(&mut self, log: Uuid) -> Result<Option<Vec<u8>>, SinkError> {
        let partitions = self.positions_partitions().await?;
        positions::read(&self.builder, log, partitions).await
    }

    async fn commit(&mut self, log: Uuid, position: &[u8]) -> Result<(), SinkError> {
        let partition = positions::partition(log, self.positions_partitions().await?);
        let topic = self.builder.positions_topic.clone();
        let key = log.to_string();
        let Some(lane) = &mut self.lane else {
            return Err(SinkError::new(Class::Fatal, "there is no Kafka producer: begin a transaction first"));
        };
        let record = BaseRecord::with_opaque_to(&topic, POSITION as usize)
            .partition(partition)
            .key(key.as_bytes())
            .payload(position);
        let sent = lane.send(record);
        if let Err(error) = sent {
            return Err(self.judge(&error, "sending the position", log));
        }
        let within = self.builder.commit_within;
        match tokio::time::timeout(within, answer(lane)).await {
            Ok(answer) => answer?,
            Err(_) => {
                let what =
                    format!("the position in `{topic}`, partition {partition}, is not acknowledged after {within:?}");
                return Err(SinkError::new(Class::Outage, format!("{what}; check that the brokers run")));
            }
        }
        let committed = lane.blocking(move |producer| {
            settle_down(producer);
            patiently(within, |step| producer.commit_transaction(step))?;
            producer.begin_transaction()
        });
        committed.await.map_err(|error| self.judge(&error, "committing a transaction", log))
    }
}

impl KafkaSink {
    async fn positions_partitions(&mut self) -> Result<i32, SinkError> {
        if let Some(partitions) = self.positions_partitions {
            return Ok(partitions);
        }
        let partitions = positions::ensure(&mut self.topics, &self.builder).await?;
        self.positions_partitions = Some(partitions);
        Ok(partitions)
    }

    fn judge(&self, error: &KafkaError, what: &str, log: Uuid) -> SinkError {
        classify_error(error, &format!("{what} as `{}`", transactional_id(log)))
    }
}

/// The broker's answer to the position. Nothing else is in flight.
async fn answer(lane: &mut Lane) -> Result<(), SinkError> {
    let mut answers = Vec::new();
    loop {
        lane.deliveries(&mut answers).await;
        for Delivery { token, result } in answers.drain(..) {
            result?;
            if token == POSITION {
                return Ok(());
            }
        }
    }
}

/// The client counts a message for a moment longer than its answer takes, and a commit in that moment waits 100 ms (T24).
fn settle_down(producer: &BaseProducer<Context>) {
    let started = Instant::now();
    while producer.in_flight_count() > 0 && started.elapsed() < STEP {
        thread::sleep(Duration::from_micros(50));
    }
}

/// Aborts what is open, so that it hides nothing from consumers until its time-out. Whoever begins next does the same.
pub(super) async fn give_up(lane: &Lane, within: Duration) {
    if lane.is_transactional {
        let _ = tokio::time::timeout(within, lane.blocking(move |producer| producer.abort_transaction(within))).await;
    }
}

/// Repeats `step` as long as the client says that it may help.
fn patiently(within: Duration, mut step: impl FnMut(Duration) -> KafkaResult<()>) -> KafkaResult<()> {
    let started = Instant::now();
    loop {
        match step(STEP.min(within)) {
            Err(KafkaError::Transaction(error)) if error.is_retriable() && started.elapsed() < within => {}
            result => return result,
        }
    }
}
