//! Exactly-once delivery: the memory store and the memory sink, with faults between them.

use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use super::fakes::{FakeStore, lock};
use crate::Record;
use crate::record::HeaderBuf;
use crate::relay::{Delivery, Relay, RelayError, RelayState, Status};
use crate::sink::{Class, MemorySink, Message, SendError, Sink, SinkError, TopicInfo, TransactionalSink};
use crate::store::{Home, MemoryStore, Position, Store, StoreError};

struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), RelayError>>,
    status: watch::Receiver<Status>,
}

fn start(store: &MemoryStore, sink: &MemorySink, delivery: Delivery) -> Running {
    let builder = Relay::builder(store.clone(), sink.clone()).delivery(delivery).window_records(64);
    let relay = builder.lease(Duration::from_secs(1)).build();
    let (stop, stopped) = oneshot::channel::<()>();
    let status = relay.status();
    Running { stop, task: tokio::spawn(relay.run(async move { drop(stopped.await) })), status }
}

impl Running {
    async fn until(&mut self, wanted: impl FnMut(&Status) -> bool) {
        let waited = tokio::time::timeout(Duration::from_secs(600), self.status.wait_for(wanted)).await;
        let _ = waited.expect("the status comes").expect("the relay runs");
    }

    async fn stop(self) {
        drop(self.stop);
        self.task.await.expect("no panic").expect("an orderly stop");
    }
}

fn append(store: &MemoryStore, numbers: std::ops::Range<usize>) {
    append_to(store, "bank", numbers);
}

fn append_to(store: &MemoryStore, topic: &'static str, numbers: std::ops::Range<usize>) {
    let record = |number: usize| Record {
        id: uuid::Uuid::now_v7(),
        topic: topic.into(),
        key: Some(format!("k{}", number % 5).into_bytes()),
        headers: HeaderBuf::default(),
        payload: Some(number.to_string().into_bytes()),
        delay: None,
    };
    store.append(numbers.map(record).collect());
}

/// What a consumer of committed messages has, sorted.
fn seen(sink: &MemorySink) -> Vec<usize> {
    let number = |payload: Vec<u8>| String::from_utf8(payload).expect("text").parse().expect("a number");
    let mut seen: Vec<usize> = sink.messages().into_iter().filter_map(|message| message.payload.map(number)).collect();
    seen.sort_unstable();
    seen
}

async fn until_seen(sink: &MemorySink, count: usize) {
    let waited = tokio::time::timeout(Duration::from_secs(600), async {
        while sink.messages().len() < count {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    waited.await.expect("the records come");
}

#[tokio::test(start_paused = true)]
async fn kills_and_outages_show_nothing_twice() {
    let (store, sink) = (MemoryStore::new(), MemorySink::new());
    for round in 0..20 {
        append(&store, round * 50..round * 50 + 50);
        let relay = start(&store, &sink, Delivery::ExactlyOnce);
        until_seen(&sink, round * 50 + 1 + fastrand::usize(..49)).await;
        sink.outage(round % 3 == 0);
        tokio::time::sleep(Duration::from_millis(fastrand::u64(..40))).await;
        relay.task.abort();
        let _ = relay.task.await;
        sink.outage(false);
    }
    let relay = start(&store, &sink, Delivery::ExactlyOnce);
    until_seen(&sink, 1_000).await;
    relay.stop().await;
    assert_eq!(seen(&sink), (0..1_000).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn an_orderly_stop_leaves_a_cursor_for_any_relay_and_a_crash_does_not() {
    let (store, sink) = (MemoryStore::new(), MemorySink::new());
    append(&store, 0..100);
    let relay = start(&store, &sink, Delivery::ExactlyOnce);
    until_seen(&sink, 100).await;
    relay.stop().await;
    append(&store, 100..200);
    let mut relay = start(&store, &sink, Delivery::AtLeastOnce);
    relay.until(|status| status.published == 100).await;
    relay.stop().await;
    append(&store, 200..300);
    // The position in the sink is one of earlier times now.
    let relay = start(&store, &sink, Delivery::ExactlyOnce);
    until_seen(&sink, 300).await;
    relay.task.abort();
    let _ = relay.task.await;
    assert_eq!(seen(&sink), (0..300).collect::<Vec<_>>());

    let relay = start(&store, &sink, Delivery::AtLeastOnce);
    let refused = relay.task.await.expect("no panic").expect_err("the cursor does not count by itself");
    assert!(matches!(refused, RelayError::Store(StoreError::ExactlyOnce)), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn rule_16_only_what_is_rejected_alone_is_parked() {
    let (store, sink) = (MemoryStore::new(), MemorySink::new());
    sink.reject(|message| (message.payload.as_deref() == Some(b"33")).then_some(Class::Park));
    append(&store, 0..100);
    let mut relay = start(&store, &sink, Delivery::ExactlyOnce);
    // Its followers have the same key: 38, 43, …
    let behind = (33..100).step_by(5).count();
    relay.until(|status| status.parked == behind).await;
    until_seen(&sink, 100 - behind).await;
    let parked = store.parked(0, 100).await.expect("memory does not fail");
    let failed: Vec<_> = parked.iter().filter(|row| row.parked.state == crate::store::ParkedState::Failed).collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0].parked.record.payload.as_deref(), Some(&b"33"[..]));

    // Tried again, it comes with all of its followers, in order, and they leave the table.
    sink.reject_nothing();
    let ids = [failed[0].parked.record.id];
    assert_eq!(store.mark(&ids, crate::store::Mark::Retry).await.expect("memory does not fail"), 1);
    until_seen(&sink, 100).await;
    relay.until(|status| status.parked == 0).await;
    relay.stop().await;
    assert_eq!(seen(&sink), (0..100).collect::<Vec<_>>());
    let of_key: Vec<_> = sink.messages().into_iter().filter(|message| message.key.as_deref() == Some(b"k3")).collect();
    let texts: Vec<usize> =
        of_key.into_iter().filter_map(|m| String::from_utf8(m.payload?).ok()?.parse().ok()).collect();
    assert_eq!(texts, (3..100).step_by(5).collect::<Vec<_>>());
    assert!(store.parked(0, 100).await.expect("memory does not fail").is_empty(), "the table is empty");
}

#[tokio::test(start_paused = true)]
async fn two_relays_hand_over_without_a_duplicate() {
    let (store, sink) = (MemoryStore::new(), MemorySink::new());
    // Each has a broker connection of its own in the real world; here one at a time.
    for round in 0..10 {
        append(&store, round * 100..round * 100 + 100);
        let relay = start(&store, &sink, Delivery::ExactlyOnce);
        until_seen(&sink, round * 100 + 30).await;
        relay.stop().await;
    }
    let relay = start(&store, &sink, Delivery::ExactlyOnce);
    until_seen(&sink, 1_000).await;
    relay.stop().await;
    assert_eq!(seen(&sink), (0..1_000).collect::<Vec<_>>());
}

fn is_outage_of(status: &Status, topic: &str) -> bool {
    matches!(&status.state, RelayState::Outage { topic: Some(it), .. } if it == topic)
}

/// One topic among others fails every transaction that it is in: its records wait, the others flow, and a person sees why.
async fn a_topic_that_fails_waits(class: Class) {
    let (store, sink) = (MemoryStore::new(), MemorySink::new());
    sink.reject(move |message| (message.topic == "closed").then_some(class));
    for round in 0..10 {
        append_to(&store, "bank", round * 30..round * 30 + 29);
        append_to(&store, "closed", round * 30 + 29..round * 30 + 30);
    }
    let mut relay = start(&store, &sink, Delivery::ExactlyOnce);
    until_seen(&sink, 290).await;
    relay.until(|status| status.parked == 10 && is_outage_of(status, "closed")).await;
    // While it is tried again and again.
    tokio::time::sleep(Duration::from_secs(100)).await;
    append_to(&store, "bank", 300..400);
    until_seen(&sink, 390).await;
    assert!(sink.rebuilds() < 100, "{} transactions were begun", sink.rebuilds());
    sink.reject_nothing();
    until_seen(&sink, 400).await;
    relay.until(|status| status.parked == 0 && status.state == RelayState::Running).await;
    relay.stop().await;
    assert_eq!(seen(&sink), (0..400).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn rule_16_a_topic_that_is_closed_waits_by_itself() {
    a_topic_that_fails_waits(Class::Topic).await;
}

/// The sink ends transactions and does not say for which of their records.
#[tokio::test(start_paused = true)]
async fn rule_16_a_topic_that_fails_without_a_reason_is_found() {
    a_topic_that_fails_waits(Class::Fatal).await;
}

/// The whole broker says nothing: that is an outage, which parks nothing.
#[tokio::test(start_paused = true)]
async fn rule_9_a_silent_broker_parks_nothing() {
    for delivery in [Delivery::AtLeastOnce, Delivery::ExactlyOnce] {
        let (store, sink) = (MemoryStore::new(), MemorySink::new());
        let mut relay = start(&store, &sink, delivery);
        append(&store, 0..100);
        until_seen(&sink, 100).await;
        sink.outage(true);
        append(&store, 100..200);
        relay.until(|status| matches!(status.state, RelayState::Outage { .. })).await;
        tokio::time::sleep(Duration::from_secs(90)).await;
        let parked = store.parked(0, 100).await.expect("memory does not fail");
        assert!(parked.is_empty(), "{delivery:?}: {parked:?}");
        sink.outage(false);
        until_seen(&sink, 200).await;
        relay.stop().await;
    }
}

/// An owner that cannot begin a transaction is away, and says so.
#[tokio::test(start_paused = true)]
async fn an_owner_that_cannot_begin_is_an_outage() {
    let (store, sink) = (MemoryStore::new(), MemorySink::new());
    sink.outage(true);
    append(&store, 0..10);
    let mut relay = start(&store, &sink, Delivery::ExactlyOnce);
    let mut cause = String::new();
    relay
        .until(|status| match &status.state {
            RelayState::Outage { cause: said, .. } if status.epoch > 0 => {
                cause.clone_from(said);
                true
            }
            _ => false,
        })
        .await;
    assert!(cause.contains("beginning a transaction"), "{cause}");
    sink.outage(false);
    until_seen(&sink, 10).await;
    relay.until(|status| status.state == RelayState::Running).await;
    relay.stop().await;
}

/// A position of another database under the log's name: nothing is read or sent, and the lease is free again.
#[tokio::test(start_paused = true)]
async fn rule_13_a_copy_of_a_log_is_refused() {
    let (store, sink) = (FakeStore::default(), MemorySink::new());
    let home = |database| Some(Home { cluster: 7, database });
    lock(&store.0).home = home(5);
    store.emit("bank", None, "0");
    let run = |store: &FakeStore| {
        let relay = Relay::builder(store.clone(), sink.clone()).delivery(Delivery::ExactlyOnce).build();
        tokio::spawn(relay.run(std::future::pending()))
    };
    let origin = run(&store);
    until_seen(&sink, 1).await;
    origin.abort();
    let copy = FakeStore::default();
    lock(&copy.0).home = home(6);
    copy.emit("bank", None, "copied");
    let refused = run(&copy).await.expect("no panic").expect_err("the position is the origin's");
    assert!(matches!(refused, RelayError::Store(StoreError::Copy { .. })), "{refused:?}");
    assert_eq!((sink.messages().len(), lock(&copy.0).owner), (1, None));
}

/// The answer to a commit that comes in an overdue stop takes nothing back: the lease is given back, and the relay ends.
#[tokio::test(start_paused = true)]
async fn a_commit_that_fails_in_an_overdue_stop_does_not_hold_it() {
    let (store, sink) = (FakeStore::default(), MemorySink::new());
    store.emit("bank", None, "0");
    lock(&store.0).release = Duration::from_secs(2);
    let slow = SlowCommits { inner: sink.clone(), takes: Duration::from_secs(11) };
    let relay = Relay::builder(store.clone(), slow).delivery(Delivery::ExactlyOnce);
    let relay = relay.drain_timeout(Duration::from_secs(5)).build();
    let (stop, stopped) = oneshot::channel::<()>();
    let mut status = relay.status();
    let task = tokio::spawn(relay.run(async move { drop(stopped.await) }));
    while lock(&store.0).settles == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(stop);
    let asked = tokio::time::Instant::now();
    drop(status.wait_for(|status| status.state == RelayState::Draining).await);
    task.await.expect("no panic").expect("it stops");
    // Twice the time for draining, and the release; three times is the end whatever happens.
    assert!(asked.elapsed() < Duration::from_secs(14), "{:?}", asked.elapsed());
    assert_eq!(lock(&store.0).owner, None, "the lease is given back");
}

/// While the database writes a transaction, an empty read moves the end of the log's pages on. What is committed is the cursor
/// that was written.
#[tokio::test(start_paused = true)]
async fn rule_15_the_position_is_the_cursor_that_was_written() {
    let (store, sink) = (FakeStore::default(), MemorySink::new());
    {
        let mut tables = lock(&store.0);
        (tables.drifts, tables.prepare) = (true, Duration::from_millis(300));
    }
    store.emit("bank", None, "0");
    let relay = Relay::builder(store.clone(), sink.clone()).delivery(Delivery::ExactlyOnce).build();
    let task = tokio::spawn(relay.run(std::future::pending()));
    until_seen(&sink, 1).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    task.abort();
    let mut reader = sink.clone();
    let position = reader.position(uuid::Uuid::nil()).await.expect("memory answers").expect("a position");
    let position: Position<i64> = serde_json::from_slice(&position).expect("JSON");
    assert!(lock(&store.0).drift > 3, "empty reads came meanwhile");
    assert_eq!(position.cursor, lock(&store.0).cursor);
}

/// What a settle whose answer was lost has written may have to be read again: nothing is removed before it is known.
#[tokio::test(start_paused = true)]
async fn no_room_is_made_while_a_settle_is_unknown() {
    let (store, sink) = (FakeStore::default(), MemorySink::new());
    lock(&store.0).lost_answers = 10;
    store.emit("bank", None, "0");
    let relay = Relay::builder(store.clone(), sink.clone()).delivery(Delivery::ExactlyOnce).build();
    let task = tokio::spawn(relay.run(std::future::pending()));
    until_seen(&sink, 1).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    task.abort();
    let tables = lock(&store.0);
    assert_eq!((tables.lost_answers, tables.rooms_in_doubt), (0, 0));
    assert!(tables.rooms > 0);
}

/// Commits take their time, and fail.
struct SlowCommits {
    inner: MemorySink,
    takes: Duration,
}

impl Sink for SlowCommits {
    async fn topic(&mut self, topic: &str) -> Result<TopicInfo, SinkError> {
        self.inner.topic(topic).await
    }

    fn partition(&mut self, key: Option<&[u8]>, partitions: i32) -> i32 {
        self.inner.partition(key, partitions)
    }

    fn send(&mut self, message: Message<'_>) -> Result<(), SendError> {
        self.inner.send(message)
    }

    async fn deliveries(&mut self, into: &mut Vec<crate::sink::Delivery>) {
        self.inner.deliveries(into).await;
    }

    async fn rebuild(&mut self) -> Result<(), SinkError> {
        self.inner.rebuild().await
    }

    async fn close(self) {
        self.inner.close().await;
    }
}

impl TransactionalSink for SlowCommits {
    async fn begin(&mut self, log: uuid::Uuid) -> Result<(), SinkError> {
        self.inner.begin(log).await
    }

    async fn position(&mut self, log: uuid::Uuid) -> Result<Option<Vec<u8>>, SinkError> {
        self.inner.position(log).await
    }

    async fn commit(&mut self, log: uuid::Uuid, position: &[u8]) -> Result<(), SinkError> {
        tokio::time::sleep(self.takes).await;
        match String::from_utf8_lossy(position).contains("\"transaction\":1,") {
            true => self.inner.commit(log, position).await,
            false => Err(SinkError::new(Class::Fatal, "fenced")),
        }
    }
}
