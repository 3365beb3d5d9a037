//! A sink that keeps messages in memory, for tests and examples, with failures on demand.
//!
//! The twin of the Kafka sink: same order, same gapless answers, same transactions, no broker. Clones share everything but
//! their transactions: each is a producer of its own there.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use uuid::Uuid;

use super::{Class, Delivery, Message, SendError, Sink, SinkError, TopicInfo, TransactionalSink};

/// A message as published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Topic.
    pub topic: String,
    /// Partition.
    pub partition: i32,
    /// Key.
    pub key: Option<Vec<u8>>,
    /// Value; `None` is a tombstone.
    pub payload: Option<Vec<u8>>,
    /// Headers in order.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

/// A producer of a log's transactions: the log, and which of its producers.
type Producer = (Uuid, u64);

/// Transactions of one log.
#[derive(Debug, Default)]
struct Transactions {
    /// The newest producer; all others are fenced.
    current: u64,
    open: Vec<Published>,
    position: Option<Vec<u8>>,
}

type Rejects = Box<dyn FnMut(&Published) -> Option<Class> + Send>;

struct State {
    partitions: i32,
    message_bytes_max: usize,
    queue_max: usize,
    logs: HashMap<(String, i32), Vec<Published>>,
    /// In the order in which they landed, over all partitions.
    published: Vec<Published>,
    queue: VecDeque<(u64, Option<Producer>, Published)>,
    transactions: HashMap<Uuid, Transactions>,
    answers: Vec<Delivery>,
    rejects: Option<Rejects>,
    outage: bool,
    hold: bool,
    /// After a rejection nothing lands until the rebuild: gapless.
    dead: bool,
    rebuilds: u64,
}

impl State {
    /// Lands what is queued, unless a broker would not answer now.
    fn pump(&mut self) {
        if self.outage || self.hold {
            return;
        }
        while let Some((token, producer, message)) = self.queue.pop_front() {
            let result = self.land(producer, message);
            self.answers.push(Delivery { token, result });
        }
    }

    fn land(&mut self, producer: Option<Producer>, message: Published) -> Result<(), SinkError> {
        let place = format!("publishing to topic `{}`, partition {}", message.topic, message.partition);
        if self.dead {
            return Err(SinkError::new(Class::Fatal, format!("{place}: a message before failed; rebuild the sink")));
        }
        if let Some(class) = self.rejects.as_mut().and_then(|rejects| rejects(&message)) {
            self.dead = true;
            return Err(SinkError::new(class, format!("{place}: rejected by the script of the memory sink")));
        }
        match producer {
            Some(producer) => self.of(producer, &place)?.open.push(message),
            None => self.publish(message),
        }
        Ok(())
    }

    fn publish(&mut self, message: Published) {
        self.logs.entry((message.topic.clone(), message.partition)).or_default().push(message.clone());
        self.published.push(message);
    }

    /// The transaction of a producer, unless it is fenced.
    fn of(&mut self, (log, producer): Producer, what: &str) -> Result<&mut Transactions, SinkError> {
        let transactions = self.transactions.get_mut(&log).filter(|transactions| transactions.current == producer);
        transactions
            .ok_or_else(|| SinkError::new(Class::Fatal, format!("{what}: another producer of the log has begun")))
    }

    fn reachable(&self, what: &str) -> Result<(), SinkError> {
        if self.outage {
            return Err(SinkError::new(Class::Outage, format!("{what}: the memory sink is switched off")));
        }
        Ok(())
    }
}

/// Keeps what is published in memory.
pub struct MemorySink {
    shared: Arc<(Mutex<State>, Notify)>,
    producer: Option<Producer>,
}

impl Clone for MemorySink {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), producer: None }
    }
}

impl MemorySink {
    /// An empty sink whose topics all exist, with 4 partitions each.
    pub fn new() -> Self {
        Self::with_partitions(4)
    }

    /// An empty sink whose topics have `partitions` partitions, at least 1.
    pub fn with_partitions(partitions: i32) -> Self {
        let state = State {
            partitions: partitions.max(1),
            message_bytes_max: 1_048_588,
            queue_max: 100_000,
            logs: HashMap::new(),
            published: Vec::new(),
            queue: VecDeque::new(),
            transactions: HashMap::new(),
            answers: Vec::new(),
            rejects: None,
            outage: false,
            hold: false,
            dead: false,
            rebuilds: 0,
        };
        Self { shared: Arc::new((Mutex::new(state), Notify::new())), producer: None }
    }

    /// Everything published, in the order in which it landed; what was sent in transactions comes with their commits.
    pub fn messages(&self) -> Vec<Published> {
        self.state().published.clone()
    }

    /// The log of one partition.
    pub fn log(&self, topic: &str, partition: i32) -> Vec<Published> {
        self.state().logs.get(&(topic.to_owned(), partition)).cloned().unwrap_or_default()
    }

    /// How often the sink was rebuilt.
    pub fn rebuilds(&self) -> u64 {
        self.state().rebuilds
    }

    /// From now on a message for which `rejects` names a class fails with it, and what is behind it fails as fatal
    /// until the rebuild, as with a gapless producer.
    pub fn reject(&self, rejects: impl FnMut(&Published) -> Option<Class> + Send + 'static) {
        self.state().rejects = Some(Box::new(rejects));
    }

    /// Rejects nothing any more.
    pub fn reject_nothing(&self) {
        self.state().rejects = None;
    }

    /// Switches the broker off or on: while off, nothing is answered and no topic is known.
    pub fn outage(&self, on: bool) {
        self.change(|state| state.outage = on);
    }

    /// Holds answers back, or lets them go.
    pub fn hold(&self, on: bool) {
        self.change(|state| state.hold = on);
    }

    /// Sets the largest message of all topics, in bytes.
    pub fn set_message_bytes_max(&self, bytes: usize) {
        self.state().message_bytes_max = bytes;
    }

    /// Sets how many unanswered messages fit; one more is [`SendError::Full`].
    pub fn set_queue_max(&self, messages: usize) {
        self.state().queue_max = messages;
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        state.pump();
        drop(state);
        self.shared.1.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemorySink {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemorySink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("MemorySink")
            .field("published", &state.published.len())
            .field("queued", &state.queue.len())
            .field("rebuilds", &state.rebuilds)
            .finish_non_exhaustive()
    }
}

impl Sink for MemorySink {
    async fn topic(&mut self, topic: &str) -> Result<TopicInfo, SinkError> {
        let state = self.state();
        state.reachable(&format!("topic `{topic}`"))?;
        Ok(TopicInfo { partitions: state.partitions, message_bytes_max: state.message_bytes_max })
    }

    fn partition(&mut self, key: Option<&[u8]>, partitions: i32) -> i32 {
        let partitions = partitions.max(1) as u64;
        // FNV-1a: equal keys, equal partitions; no parity with Kafka is needed here.
        let fnv = |key: &[u8]| {
            key.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &b| (hash ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
        };
        (key.map_or_else(|| fastrand::u64(..), fnv) % partitions) as i32
    }

    fn send(&mut self, message: Message<'_>) -> Result<(), SendError> {
        let mut state = self.state();
        if state.queue.len() >= state.queue_max {
            return Err(SendError::Full);
        }
        let headers = message.headers.iter().map(|&(name, value)| (name.to_owned(), value.map(<[u8]>::to_vec)));
        let published = Published {
            topic: message.topic.to_owned(),
            partition: message.partition,
            key: message.key.map(<[u8]>::to_vec),
            payload: message.payload.map(<[u8]>::to_vec),
            headers: headers.collect(),
        };
        state.queue.push_back((message.token, self.producer, published));
        state.pump();
        drop(state);
        self.shared.1.notify_one();
        Ok(())
    }

    async fn deliveries(&mut self, into: &mut Vec<Delivery>) {
        loop {
            {
                let mut state = self.state();
                if !state.answers.is_empty() {
                    into.append(&mut state.answers);
                    return;
                }
            }
            self.shared.1.notified().await;
        }
    }

    async fn rebuild(&mut self) -> Result<(), SinkError> {
        self.producer = None;
        let mut state = self.state();
        state.queue.clear();
        state.answers.clear();
        state.dead = false;
        state.rebuilds += 1;
        Ok(())
    }

    async fn close(self) {
        self.state().queue.clear();
    }
}

impl TransactionalSink for MemorySink {
    async fn begin(&mut self, log: Uuid) -> Result<(), SinkError> {
        self.rebuild().await?;
        let mut state = self.state();
        state.reachable("beginning a transaction")?;
        let transactions = state.transactions.entry(log).or_default();
        transactions.open.clear();
        transactions.current += 1;
        let producer = (log, transactions.current);
        drop(state);
        self.producer = Some(producer);
        Ok(())
    }

    async fn position(&mut self, log: Uuid) -> Result<Option<Vec<u8>>, SinkError> {
        let state = self.state();
        state.reachable("reading the position")?;
        Ok(state.transactions.get(&log).and_then(|transactions| transactions.position.clone()))
    }

    async fn commit(&mut self, _log: Uuid, position: &[u8]) -> Result<(), SinkError> {
        let what = "committing a transaction";
        let mut state = self.state();
        state.reachable(what)?;
        let producer = self.producer.ok_or_else(|| SinkError::new(Class::Fatal, format!("{what}: none has begun")))?;
        let transactions = state.of(producer, what)?;
        transactions.position = Some(position.to_vec());
        let committed = std::mem::take(&mut transactions.open);
        committed.into_iter().for_each(|message| state.publish(message));
        Ok(())
    }
}
