//! What the shell tells about its work: metrics, spans, and that it is alive.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::Shell;
use crate::sink::{Delivery, Sink};
use crate::store::Store;
use crate::telemetry::{LagMeter, Meter};

/// Time between two looks at the lag, and the most that one may take.
const LAG_PAUSE: Duration = Duration::from_secs(5);

impl<S: Store, K: Sink> Shell<S, K> {
    /// Counts answers, and ends the spans that they complete. By lane: a look at each record would cost a cache miss.
    pub(super) fn observe(&mut self, answers: &[Delivery]) {
        if !Meter::ON && !self.sending.is_open() {
            return;
        }
        self.meter.batch(answers.len());
        for answer in answers {
            let Some(lane) = self.pages.lane(answer.token) else { continue };
            self.sending.answered(lane, answer.result.as_ref().err().map(|error| error.class));
            if answer.result.is_err() {
                continue;
            }
            if let Some((topic, name)) = self.topics.of_lane(lane)
                && self.meter.acknowledged(topic, name)
                && let Some((record, _)) = self.pages.get(answer.token)
            {
                self.meter.latency(record.id);
            }
        }
        // What is acknowledged in a transaction counts when that is committed.
        if self.transactions.is_none() {
            self.meter.flush();
        }
    }
}

/// Looks at the lag beside the loop, whoever owns the log, until it is dropped.
pub(super) struct LagWatch(Option<JoinHandle<()>>);

impl LagWatch {
    pub(super) fn start<S: Store>(store: Arc<S>, log: Option<&str>) -> Self {
        if !Meter::ON {
            return Self(None);
        }
        let meter = LagMeter::new(log);
        Self(Some(tokio::spawn(async move {
            loop {
                match tokio::time::timeout(LAG_PAUSE, store.lag()).await {
                    Ok(Ok(lag)) => meter.set(lag.backlog_records, lag.oldest_pending),
                    Ok(Err(error)) => tracing::debug!(%error, "the lag could not be measured; it is tried again"),
                    Err(_) => tracing::debug!("the database does not say how long the backlog is; it is asked again"),
                }
                tokio::time::sleep(LAG_PAUSE).await;
            }
        })))
    }
}

impl Drop for LagWatch {
    fn drop(&mut self) {
        // It only reads.
        if let Some(task) = self.0.take() {
            task.abort();
        }
    }
}
