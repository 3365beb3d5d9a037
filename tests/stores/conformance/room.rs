//! Making room: only what the stored cursor has passed, a little at a time, and no position comes again.

use outbox_runtime::store::Store;

use crate::harness::{Harness, notes};
use crate::relay::{Relay, numbers, texts};

/// More than one chunk of any store.
const MANY: usize = 6_000;

pub(crate) async fn only_settled_records_go_in_bounded_chunks<H: Harness>(harness: &H) {
    harness.append(notes(0..MANY)).await;
    let mut relay = Relay::start(harness).await;
    assert_eq!(relay.read_all(MANY, 1_000).await.len(), MANY);
    assert!(relay.make_room().await.is_empty(), "read is not settled");
    relay.settle().await;
    harness.append(notes(MANY..MANY + 10)).await;
    let page = relay.read(10).await;
    assert_eq!(texts(&page.records), numbers(MANY..MANY + 10));
    relay.settle_at(Some(H::Store::cursor_at(&page.window, page.records[3].position))).await;
    let removed = relay.make_room().await;
    assert!(removed.len() > 1 || !H::CHUNKS, "in chunks: {removed:?}");
    assert!(removed.iter().sum::<u64>() >= MANY as u64, "{removed:?}");
    let rows = harness.rows().await;
    assert!((6..=10).contains(&rows), "{rows} rows: those of an unfinished window may stay, unsettled ones must");
    let mut relay = relay.restart(harness).await;
    harness.append(notes(MANY + 10..MANY + 12)).await;
    assert_eq!(texts(&relay.read_all(8, 3).await), numbers(MANY + 4..MANY + 12), "delivery goes on");
    relay.settle().await;
    relay.make_room().await;
    assert_eq!(harness.rows().await, 0, "a drained log is empty");
}

pub(crate) async fn a_position_is_not_used_twice<H: Harness>(harness: &H) {
    let mut last = 0;
    for round in 0..3 {
        harness.append(notes(round..round + 1)).await;
        let mut relay = Relay::start(harness).await;
        let records = relay.read_all(1, 10).await;
        assert_eq!(texts(&records), numbers(round..round + 1));
        assert!(records[0].position > last, "position {} after {last}", records[0].position);
        last = records[0].position;
        relay.settle().await;
        relay.make_room().await;
        assert_eq!(harness.rows().await, 0, "drained");
        relay.store.release(&relay.lease).await.expect("the store answers");
    }
}
