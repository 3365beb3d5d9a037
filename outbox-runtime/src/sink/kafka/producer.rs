//! One producer, its poll thread and the answers it has collected.
//!
//! A rebuilt sink has a new [`Lane`] with an inbox of its own, so an answer of the old producer has nowhere to come out.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message as _};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _, ProducerContext, PurgeConfig};
use rdkafka::{ClientContext, config::FromClientConfigAndContext as _};
use tokio::sync::{Notify, oneshot};

use super::classify::{classify, classify_error};
use super::refused;
use crate::sink::{Class, Delivery, SinkError};

/// How long the poll thread sleeps when nothing happens; answers wake it at once.
const POLL: Duration = Duration::from_millis(50);
/// How long requests in flight may still be answered after a failure.
const IN_FLIGHT: Duration = Duration::from_secs(1);
/// How long librdkafka may take to free the queue behind the answers that it gave.
const FREEING: Duration = Duration::from_secs(1);
const _: () = assert!(usize::BITS >= u64::BITS, "a token travels as the integer opaque of its message");

/// Locks whether or not a holder panicked: the data behind is never left half-written.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the last error of the client as a whole was, for error messages.
#[derive(Debug, Clone, Default)]
pub(super) struct LastError(Arc<Mutex<Option<String>>>);

impl LastError {
    pub(super) fn get(&self) -> Option<String> {
        lock(&self.0).clone()
    }

    pub(super) fn clear(&self) {
        lock(&self.0).take();
    }
}

/// Answers on their way from the poll thread to the async side.
#[derive(Debug, Default)]
struct Inbox {
    ready: Mutex<Vec<Delivery>>,
    arrived: Notify,
    /// A message or the producer has failed: what is still held must be answered.
    dead: AtomicBool,
    /// Topics that the open transaction may not have.
    closed: Mutex<HashSet<String>>,
}

/// librdkafka's way to us.
pub(super) struct Context {
    inbox: Arc<Inbox>,
    last_error: LastError,
}

impl ClientContext for Context {
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!(%error, reason, "Kafka client");
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::Fatal) {
            self.inbox.dead.store(true, Ordering::Release);
        }
        let mut last = lock(&self.last_error.0);
        // That they are all down says less than why.
        if last.is_none() || error.rdkafka_error_code() != Some(RDKafkaErrorCode::AllBrokersDown) {
            *last = Some(format!("{error}: {reason}"));
        }
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        // It comes before the answers that it explains.
        if let Some(topic) = refused::topic(facility, line) {
            lock(&self.inbox.closed).insert(topic.to_owned());
        }
        if refused::is_of_transaction(facility) {
            *lock(&self.last_error.0) = Some(line.to_owned());
        }
        DefaultClientContext.log(level, facility, line);
    }
}

impl ProducerContext for Context {
    // An integer needs no allocation for each message.
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, token: usize) {
        use RDKafkaErrorCode::{PurgeInflight, PurgeQueue, TopicAuthorizationFailed};
        let result = match result {
            Ok(_) => Ok(()),
            Err((error, message)) => {
                let what = format!("publishing to topic `{}`, partition {}", message.topic(), message.partition());
                let code = match error.rdkafka_error_code() {
                    Some(PurgeQueue | PurgeInflight) if lock(&self.inbox.closed).contains(message.topic()) => {
                        Some(TopicAuthorizationFailed)
                    }
                    code => code,
                };
                Err(code.map_or_else(|| classify_error(error, &what), |code| classify(code, &what)))
            }
        };
        if result.is_err() {
            // Gapless: what is behind a failed message may not land before the rebuild.
            self.inbox.dead.store(true, Ordering::Release);
        }
        let mut ready = lock(&self.inbox.ready);
        ready.push(Delivery { token: token as u64, result });
        let first = ready.len() == 1;
        drop(ready);
        if first {
            self.inbox.arrived.notify_one();
        }
    }
}

/// A live producer.
pub(super) struct Lane {
    /// `None` only while dropping.
    producer: Option<Arc<BaseProducer<Context>>>,
    inbox: Arc<Inbox>,
    stop: Arc<AtomicBool>,
    gone: Option<oneshot::Receiver<()>>,
    /// It has a `transactional.id`.
    pub(super) is_transactional: bool,
    /// Messages sent whose answers nobody has taken yet.
    pub(super) unanswered: usize,
}

impl Lane {
    /// Starts a producer and its poll thread.
    pub(super) fn start(config: &ClientConfig, last_error: LastError) -> Result<Self, SinkError> {
        let inbox = Arc::<Inbox>::default();
        let context = Context { inbox: inbox.clone(), last_error };
        let producer = BaseProducer::from_config_and_context(config, context)
            .map(Arc::new)
            .map_err(|error| classify_error(&error, "making the Kafka producer"))?;
        let stop = Arc::<AtomicBool>::default();
        let (done, gone) = oneshot::channel();
        let is_transactional = config.get("transactional.id").is_some();
        let gone = Some(gone);
        let lane = Self { producer: Some(producer.clone()), inbox, stop, gone, is_transactional, unanswered: 0 };
        let (inbox, stop) = (lane.inbox.clone(), lane.stop.clone());
        thread::Builder::new()
            .name("outbox-kafka-poll".into())
            .spawn(move || {
                poll(&producer, &inbox, &stop);
                // The last owner drops the producer, and a drop can take long with the broker down: here it stops nobody.
                drop(producer);
                let _ = done.send(());
            })
            .map_err(|error| SinkError::new(Class::Retry, format!("starting the Kafka poll thread: {error}")))?;
        Ok(lane)
    }

    /// Sends, or says why not. QueueFull with nothing unanswered means that the message alone is over the queue's size.
    ///
    /// librdkafka frees the places of a batch a moment after the last of its answers: who has taken all answers and finds
    /// the queue still full would wait for ever for another one, so that moment is waited for here.
    pub(super) fn send(&mut self, record: BaseRecord<'_, [u8], [u8], usize>) -> Result<(), KafkaError> {
        let mut record = record;
        let mut full_since = None;
        loop {
            let Err((error, returned)) = self.producer().send(record) else {
                self.unanswered += 1;
                return Ok(());
            };
            let is_full = error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull);
            let since: Instant = *full_since.get_or_insert_with(Instant::now);
            if !is_full || self.unanswered > 0 || since.elapsed() > FREEING {
                return Err(error);
            }
            record = returned;
            thread::yield_now();
        }
    }

    pub(super) fn producer(&self) -> &BaseProducer<Context> {
        self.producer.as_deref().expect("the producer is there until the drop")
    }

    /// Runs a call that blocks, beside the poll thread.
    pub(super) async fn blocking(
        &self,
        call: impl FnOnce(&BaseProducer<Context>) -> KafkaResult<()> + Send + 'static,
    ) -> KafkaResult<()> {
        let producer = self.producer.clone().expect("the producer is there until the drop");
        let result = on_thread("outbox-kafka-transaction", move || call(&producer)).await;
        result.unwrap_or(Err(KafkaError::Canceled))
    }

    /// Waits for answers and moves them to `into`.
    pub(super) async fn deliveries(&mut self, into: &mut Vec<Delivery>) {
        loop {
            {
                let mut ready = lock(&self.inbox.ready);
                if !ready.is_empty() {
                    self.unanswered = self.unanswered.saturating_sub(ready.len());
                    if into.is_empty() {
                        std::mem::swap(into, &mut ready);
                    } else {
                        into.append(&mut ready);
                    }
                    return;
                }
            }
            self.inbox.arrived.notified().await;
        }
    }

    /// Stops the producer and waits at most `deadline` for it to be gone; it goes by itself after that.
    pub(super) async fn stop(mut self, deadline: Duration) {
        let gone = self.gone.take();
        drop(self);
        if let Some(gone) = gone
            && tokio::time::timeout(deadline, gone).await.is_err()
        {
            tracing::warn!(?deadline, "the old Kafka producer is not gone yet; it is left to itself");
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        // Before the signal, so that the poll thread is the last owner.
        self.producer.take();
        self.stop.store(true, Ordering::Release);
    }
}

/// Runs `work` on a thread of its own: it may take long, and dropping a client may hang (T28).
pub(super) async fn on_thread<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, SinkError> {
    let (done, result) = oneshot::channel();
    let failed = |what: String| SinkError::new(Class::Retry, format!("the thread `{name}`: {what}"));
    thread::Builder::new()
        .name(name.into())
        .spawn(move || {
            // Nobody waits any more: the relay stops.
            let _ = done.send(work());
        })
        .map_err(|error| failed(error.to_string()))?;
    result.await.map_err(|error| failed(error.to_string()))
}

fn poll(producer: &BaseProducer<Context>, inbox: &Inbox, stop: &AtomicBool) {
    let mut dead_since = None;
    while !stop.load(Ordering::Acquire) {
        producer.poll(POLL);
        if inbox.dead.load(Ordering::Acquire) {
            // What is still held has to be answered by us, every time again: requests in flight that fail later go back
            // into the queue. Those in flight get some time for the broker's answer, which saves a duplicate.
            let since = *dead_since.get_or_insert_with(Instant::now);
            let purge = PurgeConfig::default().queue();
            producer.purge(if since.elapsed() < IN_FLIGHT { purge } else { purge.inflight() });
        }
    }
    producer.purge(PurgeConfig::default().queue().inflight());
}
