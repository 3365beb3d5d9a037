//! The shell against fakes, under paused time.

mod exactly_once;
mod fakes;
#[cfg(feature = "metrics")]
mod telemetry;

use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::{Relay, RelayError, RelayState, Status};
use crate::Record;
use crate::record::HeaderBuf;
use crate::sink::{Class, MemorySink};
use crate::store::{Mark, MemoryStore, ParkedState, Store, StoreError};
use fakes::{Broker, FakeStore, MESSAGE_BYTES_MAX, lock, parked_as};

struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), RelayError>>,
    status: watch::Receiver<Status>,
}

impl Running {
    fn start(store: &FakeStore, broker: &Broker) -> Self {
        let relay = Relay::builder(store.clone(), broker.sink()).source("bank").build();
        let (stop, stopped) = oneshot::channel::<()>();
        let status = relay.status();
        let shutdown = async move { drop(stopped.await) };
        Self { stop, task: tokio::spawn(relay.run(shutdown)), status }
    }

    /// Waits, in paused time, until the status is as wanted.
    async fn until(&mut self, wanted: impl FnMut(&Status) -> bool) -> Status {
        let waited = tokio::time::timeout(Duration::from_secs(120), self.status.wait_for(wanted)).await;
        waited.expect("the status comes within two minutes").expect("the relay runs").clone()
    }

    async fn stop(self) {
        drop(self.stop);
        self.task.await.expect("no panic").expect("an orderly stop");
    }
}

fn emit_many(store: &FakeStore, range: std::ops::Range<usize>) {
    for n in range {
        store.emit("bank", Some(&format!("k{}", n % 7)), &n.to_string());
    }
}

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn publishes_in_order_and_drains_without_duplicates() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    emit_many(&store, 0..4_000);
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.published >= 1_000).await;
    relay.stop().await;
    let first = broker.landed().len();
    assert_eq!(lock(&store.0).cursor as usize, first, "everything published is settled");
    assert_eq!(lock(&store.0).owner, None, "the lease is given back");
    assert_eq!(lock(&broker.log).closed, 1);

    emit_many(&store, 4_000..5_000);
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.published as usize + first == 5_000).await;
    relay.stop().await;
    assert_eq!(broker.landed(), numbers(0..5_000));
    let headers = lock(&broker.log).headers.last().cloned().expect("something landed");
    assert_eq!(headers.get("outbox-seq").map(String::as_str), Some("5000"));
    assert_eq!(headers.get("outbox-epoch").map(String::as_str), Some("2"));
    assert_eq!(headers.get("ce_source").map(String::as_str), Some("bank"));
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_acknowledgements() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    emit_many(&store, 0..50);
    broker.set(|log| log.silent = true);
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.in_flight > 0).await;
    let Running { stop, task, mut status } = relay;
    drop(stop);
    let draining = status.wait_for(|status| status.state == RelayState::Draining).await;
    drop(draining.expect("the relay runs"));
    assert!(!task.is_finished());
    broker.set(|log| log.silent = false);
    task.await.expect("no panic").expect("an orderly stop");
    assert_eq!(lock(&store.0).cursor as usize, broker.landed().len());
    assert!(!broker.landed().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_waited_for_and_loses_nothing() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    emit_many(&store, 0..20);
    broker.set(|log| log.away = true);
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| matches!(status.state, RelayState::Outage { .. })).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(lock(&store.0).renewals > 10, "the lease is renewed during an outage");
    assert!(lock(&broker.log).rebuilds < 40, "it backs off");
    assert_eq!(lock(&store.0).cursor, 0);
    broker.set(|log| log.away = false);
    relay.until(|status| status.published == 20 && status.state == RelayState::Running).await;
    relay.stop().await;
    assert_eq!(broker.landed(), numbers(0..20));
    assert!(lock(&store.0).parked.is_empty(), "an outage parks nothing");
}

/// A producer tries for ever and says nothing: nothing fails, and nothing is published either.
#[tokio::test(start_paused = true)]
async fn a_sink_that_falls_silent_is_an_outage() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    emit_many(&store, 0..20);
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.published == 20).await;
    broker.set(|log| log.silent = true);
    emit_many(&store, 20..40);
    let status = relay.until(|status| matches!(status.state, RelayState::Outage { topic: None, .. })).await;
    assert!((status.in_flight, status.parked, lock(&broker.log).rebuilds) >= (1, 0, 0), "{status:?}");
    assert_eq!(lock(&broker.log).rebuilds, 0, "what is in flight stays on its way");
    broker.set(|log| log.silent = false);
    relay.until(|status| status.published == 40 && status.state == RelayState::Running).await;
    relay.stop().await;
    assert_eq!(broker.landed(), numbers(0..40));
}

#[tokio::test(start_paused = true)]
async fn t12_a_fatal_producer_is_rebuilt_and_nothing_lost() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    broker.set(|log| log.fatal = true);
    emit_many(&store, 0..100);
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.published == 100).await;
    relay.stop().await;
    assert_eq!(lock(&broker.log).rebuilds, 1);
    assert_eq!(broker.landed(), numbers(0..100));
    assert!(lock(&store.0).parked.is_empty());
}

#[tokio::test(start_paused = true)]
async fn settles_are_bundled_while_busy() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.state == RelayState::Running).await;
    for n in 0..200 {
        emit_many(&store, n..n + 1);
        crate::wake::notify();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    relay.until(|status| status.published == 200).await;
    relay.stop().await;
    let settles = lock(&store.0).settles;
    assert!((2..=20).contains(&settles), "{settles} settles of 200 records in 200 ms");
    assert_eq!(lock(&store.0).cursor, 200);
}

#[tokio::test(start_paused = true)]
async fn a_missing_topic_is_named_and_waited_for() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    broker.set(|log| log.missing.extend(["bank".to_owned()]));
    emit_many(&store, 0..3);
    let mut relay = Running::start(&store, &broker);
    let status = relay.until(|status| matches!(status.state, RelayState::Outage { .. })).await;
    let RelayState::Outage { topic, cause } = status.state else { unreachable!("just waited for") };
    assert_eq!(topic.as_deref(), Some("bank"));
    assert!(cause.contains("create it"), "{cause}");
    broker.set(|log| log.missing.clear());
    relay.until(|status| status.published == 3 && status.state == RelayState::Running).await;
    relay.stop().await;
    assert_eq!(broker.landed(), numbers(0..3));
}

/// A topic that is missing keeps its own records waiting, beside the log, and nobody else's.
#[tokio::test(start_paused = true)]
async fn rule_9_a_missing_topic_never_stops_the_others() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    broker.set(|log| log.missing.extend(["gone".to_owned(), "lost".to_owned()]));
    for n in 0..40 {
        store.emit(["bank", "gone", "lost", "shop"][n % 4], Some("k"), &n.to_string());
    }
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.published == 20 && status.parked == 20).await;
    assert_eq!(parked_as(&store, 2), Some(ParkedState::Auto));
    broker.set(|log| log.missing.retain(|topic| topic != "gone"));
    relay.until(|status| status.published == 30 && status.parked == 10).await;
    relay.stop().await;
    // The next owner finds them in the table.
    store.emit("lost", Some("k"), "40");
    store.emit("bank", Some("k"), "41");
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.published == 1 && status.parked == 11).await;
    broker.set(|log| log.missing.clear());
    relay.until(|status| status.published == 12 && status.parked == 0 && status.state == RelayState::Running).await;
    relay.stop().await;
    let landed: Vec<usize> = broker.landed().iter().map(|n| n.parse().expect("a number")).collect();
    assert_eq!(landed.len(), 42, "no duplicate");
    let topics: [fn(usize) -> bool; 3] =
        [|n| n < 40 && n % 4 == 1, |n| n < 41 && (n % 4 == 2 || n == 40), |n| n < 40 && n % 4 == 3];
    for topic in topics {
        let own: Vec<_> = landed.iter().filter(|n| topic(**n)).collect();
        assert!(own.is_sorted(), "{own:?}");
    }
}

/// A topic that goes away while its records are on their way: the same.
#[tokio::test(start_paused = true)]
async fn rule_9_a_topic_that_goes_away_never_stops_the_others() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    let emit = |range: std::ops::Range<usize>| {
        for n in range {
            store.emit(["bank", "gone"][n % 2], Some("k"), &n.to_string());
        }
    };
    emit(0..20);
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.published == 20).await;
    for round in 1..4 {
        broker.set(|log| log.silent = true);
        emit(round * 20..round * 20 + 20);
        relay.until(|status| status.in_flight > 1).await;
        broker.set(|log| {
            log.missing.extend(["gone".to_owned()]);
            log.silent = false;
        });
        relay.until(|status| status.published as usize == round * 20 + 10 && status.parked == 10).await;
        broker.set(|log| log.missing.clear());
        let back = |status: &Status| status.parked == 0 && status.state == RelayState::Running;
        relay.until(|status| status.published as usize == round * 20 + 20 && back(status)).await;
    }
    relay.stop().await;
    let landed: Vec<usize> = broker.landed().iter().map(|n| n.parse().expect("a number")).collect();
    assert_eq!((landed.len(), lock(&store.0).cursor), (80, 80));
    for topic in 0..2 {
        let own: Vec<_> = landed.iter().filter(|n| **n % 2 == topic).collect();
        assert!(own.is_sorted(), "{own:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_7_poison_is_parked_and_the_others_flow() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    broker.set(|log| log.poison.extend(["bad".to_owned()]));
    store.emit("bank", Some("a"), "a1");
    store.emit("bank", Some("b"), "bad");
    store.emit("bank", Some("b"), "b2");
    store.emit("bank", Some("a"), "a2");
    store.emit("bank", None, "free");
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.published == 3 && status.parked == 2).await;
    assert_eq!(broker.landed(), ["a1", "a2", "free"]);
    assert_eq!(parked_as(&store, 2), Some(ParkedState::Failed));
    assert_eq!(parked_as(&store, 3), Some(ParkedState::Auto));
    // A new owner finds the table and keeps the key's order.
    relay.stop().await;
    store.emit("bank", Some("b"), "b3");
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.parked == 3).await;
    relay.stop().await;
    assert_eq!(parked_as(&store, 6), Some(ParkedState::Auto));
    assert_eq!(lock(&store.0).cursor, 6);
}

#[tokio::test(start_paused = true)]
async fn rule_10_automatic_rows_go_once_their_key_is_free() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    broker.set(|log| log.poison.extend(["bad".to_owned()]));
    for payload in ["bad", "second", "third"] {
        store.emit("bank", Some("b"), payload);
    }
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.parked == 3).await;
    relay.stop().await;
    lock(&store.0).parked.remove(&1);
    store.emit("bank", Some("b"), "fourth");
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.published == 3 && status.parked == 0).await;
    relay.stop().await;
    assert_eq!(broker.landed(), ["second", "third", "fourth"]);
}

#[tokio::test(start_paused = true)]
async fn too_large_is_parked_without_being_sent() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    store.emit("bank", Some("a"), &"x".repeat(MESSAGE_BYTES_MAX));
    store.emit("bank", Some("b"), "fits");
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.parked == 1 && status.published == 1).await;
    relay.stop().await;
    assert_eq!(lock(&broker.log).sent, 1);
    let cause = lock(&store.0).parked.get(&1).map(|row| row.cause.clone()).unwrap_or_default();
    assert!(cause.contains("max.message.bytes"), "{cause}");
}

#[tokio::test(start_paused = true)]
async fn rule_2_a_fenced_relay_stops_sending_and_stands_by() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    emit_many(&store, 0..10);
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.published == 10).await;
    // Settled as well, in paused time: what follows is no duplicate.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(lock(&store.0).cursor, 10);
    store.take_over();
    relay.until(|status| status.state == RelayState::Standby).await;
    let sent = lock(&broker.log).sent;
    emit_many(&store, 10..20);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(lock(&broker.log).sent, sent, "a standby sends nothing");
    // The other one is gone: its lease ends, and this one takes the log again.
    relay.until(|status| status.published == 20 && status.epoch == 3).await;
    relay.stop().await;
    assert_eq!(broker.landed(), numbers(0..20));
}

#[tokio::test(start_paused = true)]
async fn a_standby_takes_over_after_a_crash() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    let mut first = Running::start(&store, &broker);
    first.until(|status| status.state == RelayState::Running).await;
    let mut second = Running::start(&store, &broker);
    emit_many(&store, 0..10);
    first.until(|status| status.published == 10).await;
    assert_eq!(second.status.borrow().state, RelayState::Standby);
    first.task.abort();
    emit_many(&store, 10..20);
    let crashed = Instant::now();
    second.until(|status| status.published >= 10).await;
    assert!(crashed.elapsed() < Duration::from_secs(12), "{:?}", crashed.elapsed());
    second.stop().await;
    let mut landed = broker.landed();
    landed.dedup();
    assert!(landed.ends_with(&numbers(10..20)));
}

#[tokio::test(start_paused = true)]
async fn a_commit_in_this_process_wakes_the_relay() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.state == RelayState::Running).await;
    // Idle for long: the poll interval is at its longest, and the next poll is up to 50 ms away.
    tokio::time::sleep(Duration::from_millis(2_010)).await;
    emit_many(&store, 0..1);
    let committed = Instant::now();
    crate::wake::notify();
    relay.until(|status| status.published == 1).await;
    assert!(committed.elapsed() < Duration::from_millis(5), "{:?}", committed.elapsed());
    relay.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_database_that_is_away_is_waited_for() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    lock(&store.0).failures = 5;
    emit_many(&store, 0..10);
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.published == 10).await;
    lock(&store.0).failures = 5;
    emit_many(&store, 10..30);
    relay.until(|status| status.published == 30).await;
    relay.stop().await;
    assert_eq!(broker.landed(), numbers(0..30));
    assert_eq!(lock(&store.0).cursor, 30);
}

#[tokio::test(start_paused = true)]
async fn missing_tables_end_the_relay_with_a_clear_error() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    lock(&store.0).not_migrated = true;
    let relay = Running::start(&store, &broker);
    let error = relay.task.await.expect("no panic").expect_err("a person is needed");
    assert!(matches!(&error, RelayError::Store(StoreError::NotMigrated { .. })), "{error:?}");
    assert!(error.to_string().contains("outbox::migrate"), "{error}");
    assert_eq!(lock(&store.0).owner, None, "others need not wait for the end of its lease");
    assert_eq!(lock(&broker.log).closed, 1);
}

#[tokio::test(start_paused = true)]
async fn a_full_sink_is_waited_for() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    emit_many(&store, 0..500);
    let mut sink = broker.sink();
    sink.capacity = 3;
    let relay = Relay::builder(store.clone(), sink).build();
    let mut status = relay.status();
    let all = async move { drop(status.wait_for(|status| status.published == 500).await) };
    relay.run(all).await.expect("an orderly stop");
    assert_eq!(broker.landed(), numbers(0..500));
}

/// Delayed records wait through a restart of the relay, and come when they are due, not before and once.
#[tokio::test(start_paused = true)]
async fn delayed_records_are_published_when_they_are_due() {
    let (store, sink) = (MemoryStore::new(), MemorySink::new());
    let record = |payload: &str, delay: Option<u64>| {
        let headers = HeaderBuf::default();
        let (id, payload) = (uuid::Uuid::now_v7(), Some(payload.as_bytes().to_vec()));
        Record { id, topic: "t".into(), key: None, headers, payload, delay: delay.map(Duration::from_secs) }
    };
    store.append(vec![record("later", Some(60)), record("soon", Some(5)), record("now", None)]);
    let began = Instant::now();
    let mut published = 0;
    for (wanted, seconds) in [(2, 5), (3, 60)] {
        let (stop, stopped) = oneshot::channel::<()>();
        let relay = Relay::builder(store.clone(), sink.clone()).build();
        let mut status = relay.status();
        let task = tokio::spawn(relay.run(async move { drop(stopped.await) }));
        let there = status.wait_for(|status| published + status.published == wanted);
        tokio::time::timeout(Duration::from_secs(120), there).await.expect("in time").expect("the relay runs");
        let late = began.elapsed().saturating_sub(Duration::from_secs(seconds));
        assert!(began.elapsed() >= Duration::from_secs(seconds) && late < Duration::from_secs(1), "{late:?}");
        published = wanted;
        drop(stop);
        task.await.expect("no panic").expect("an orderly stop");
    }
    let payloads = sink.messages().into_iter().filter_map(|message| message.payload);
    let texts: Vec<String> = payloads.map(|payload| String::from_utf8(payload).expect("text")).collect();
    assert_eq!(texts, ["now", "soon", "later"]);
}

/// A record that the broker refuses holds up its key until an operator has it tried again or gives it up.
#[tokio::test(start_paused = true)]
async fn rule_11_parked_records_are_tried_again_or_skipped_by_command() {
    let (store, sink) = (MemoryStore::new(), MemorySink::new());
    let records: Vec<Record> = ["a1", "b1", "a2", "b2", "c1"].map(keyed).into();
    let ids: Vec<_> = records.iter().map(|record| record.id).collect();
    store.append(records);
    sink.reject(|message| message.payload.as_deref().is_some_and(|it| it.ends_with(b"1")).then_some(Class::Park));
    let (stop, stopped) = oneshot::channel::<()>();
    let relay = Relay::builder(store.clone(), sink.clone()).build();
    let mut status = relay.status();
    let task = tokio::spawn(relay.run(async move { drop(stopped.await) }));
    let mut until = async |parked: usize| {
        let there = status.wait_for(|status| status.parked == parked);
        tokio::time::timeout(Duration::from_secs(60), there).await.expect("in time").expect("the relay runs");
    };
    until(5).await;
    assert!(sink.messages().is_empty(), "followers wait");
    // Tried again while the broker refuses it still: it stays, and so does its follower.
    store.mark(&ids[..1], Mark::Retry).await.expect("memory answers");
    let again = sink.rebuilds();
    while sink.rebuilds() == again {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    until(5).await;
    sink.reject_nothing();
    store.mark(&ids[..1], Mark::Retry).await.expect("memory answers");
    store.mark(&ids[1..2], Mark::Skip).await.expect("memory answers");
    until(1).await;
    let payloads = |sink: &MemorySink| -> Vec<String> {
        let all = sink.messages().into_iter().filter_map(|message| message.payload);
        all.map(|payload| String::from_utf8(payload).expect("text")).collect()
    };
    let published = payloads(&sink);
    let place = |text: &str| published.iter().position(|it| it == text);
    assert!(place("a1") < place("a2") && place("a1").is_some(), "{published:?}");
    assert!(place("b2").is_some() && place("b1").is_none(), "{published:?}");
    assert_eq!(published.len(), 3, "c1 waits for its command: {published:?}");
    assert_eq!(store.skipped().iter().map(|row| row.record.id).collect::<Vec<_>>(), ids[1..2]);
    drop(stop);
    task.await.expect("no panic").expect("an orderly stop");
}

/// The first letter is the key.
fn keyed(payload: &str) -> Record {
    let key = payload.bytes().next().map(|first| vec![first]);
    let payload = Some(payload.as_bytes().to_vec());
    Record { id: uuid::Uuid::now_v7(), topic: "t".into(), key, headers: HeaderBuf::default(), payload, delay: None }
}

/// Nobody hears the sink while it looks up a topic: what it has not said meanwhile is no outage.
#[tokio::test(start_paused = true)]
async fn a_long_look_up_of_a_topic_is_no_silence() {
    let (store, broker) = (FakeStore::default(), Broker::default());
    broker.set(|log| log.lookup = Duration::from_secs(8));
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.state == RelayState::Running).await;
    store.emit("bank", None, "in flight meanwhile");
    store.emit("slow", None, "looked up");
    let status = relay.until(|s| matches!(s.state, RelayState::Outage { .. }) || s.published == 2).await;
    assert_eq!(status.state, RelayState::Running);
    relay.stop().await;
}

/// Once an operator has given up the records of a topic that is missing, nothing waits for it any more.
#[tokio::test(start_paused = true)]
async fn a_missing_topic_whose_records_were_skipped_is_no_outage() {
    let (store, broker) = (MemoryStore::new(), Broker::default());
    broker.set(|log| log.missing = ["gone".to_owned()].into());
    let records: Vec<Record> =
        (0..3).map(|n| Record { topic: "gone".into(), ..keyed(["a1", "a2", "b1"][n]) }).collect();
    let ids: Vec<_> = records.iter().map(|record| record.id).collect();
    store.append(records);
    let relay = Relay::builder(store.clone(), broker.sink()).build();
    let (health, mut status) = (relay.health(), relay.status());
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(relay.run(async move { drop(stopped.await) }));
    let mut until = async |wanted: &dyn Fn(&Status) -> bool| {
        let there = status.wait_for(|status| wanted(status));
        tokio::time::timeout(Duration::from_secs(60), there).await.expect("in time").expect("the relay runs");
    };
    until(&|status| status.parked == 3 && matches!(status.state, RelayState::Outage { .. })).await;
    assert!(health.ready().is_err());
    store.mark(&ids, Mark::Skip).await.expect("memory answers");
    until(&|status| status.parked == 0 && status.state == RelayState::Running).await;
    assert_eq!(health.ready(), Ok(()));
    // It is asked for again with the next record.
    store.append(vec![Record { topic: "gone".into(), ..keyed("c1") }]);
    until(&|status| status.parked == 1 && matches!(status.state, RelayState::Outage { .. })).await;
    broker.set(|log| log.missing.clear());
    until(&|status| status.parked == 0 && status.published == 1 && status.state == RelayState::Running).await;
    drop(stop);
    task.await.expect("no panic").expect("an orderly stop");
}
