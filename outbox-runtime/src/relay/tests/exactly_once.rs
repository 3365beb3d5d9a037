//! Exactly-once delivery: the memory store and the memory sink, with faults between them.

use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::Record;
use crate::record::HeaderBuf;
use crate::relay::{Delivery, Relay, RelayError, Status};
use crate::sink::{Class, MemorySink};
use crate::store::{MemoryStore, Store, StoreError};

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
    let record = |number: usize| Record {
        id: uuid::Uuid::now_v7(),
        topic: "bank".into(),
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
