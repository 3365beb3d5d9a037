//! The log at a glance.

use std::time::Duration;

use outbox_runtime::store::{ParkedRecord, ParkedState, Store};

use crate::harness::{Harness, note, notes};
use crate::relay::{LEASE, Relay};

pub(crate) async fn a_log_at_a_glance<H: Harness>(harness: &H) {
    let empty = harness.store().overview().await.expect("the store answers");
    assert_eq!((empty.owner, empty.backlog_records, empty.oldest_pending, empty.next_due), (None, 0, None, None));
    assert_eq!((empty.failed, empty.auto, empty.lease_remaining), (0, 0, Duration::ZERO));
    harness.append(notes(0..10)).await;
    let mut later = note("later");
    later.delay = Some(Duration::from_secs(600));
    harness.append(vec![later]).await;
    let mut relay = Relay::start(harness).await;
    let full = relay.store.overview().await.expect("the store answers");
    assert_eq!((full.owner, full.epoch), (Some(relay.lease.owner), relay.lease.epoch));
    assert!(full.lease_remaining > LEASE / 2 && full.lease_remaining <= LEASE, "{full:?}");
    assert_eq!(full.backlog_records, 10);
    assert!(full.oldest_pending.is_some_and(|age| age < Duration::from_secs(60)), "{full:?}");
    assert!(full.next_due.is_some_and(|due| due > Duration::from_secs(500)), "{full:?}");
    let page = relay.read(4).await;
    let row = ParkedRecord { record: page.records[1].clone(), state: ParkedState::Failed, cause: "a test".into() };
    let follower = ParkedRecord { record: page.records[2].clone(), state: ParkedState::Auto, cause: "a test".into() };
    let cursor = H::Store::cursor_at(&page.window, page.records[3].position);
    relay.try_settle(Some(cursor), vec![row, follower], vec![]).await.expect("ours");
    let part = relay.store.overview().await.expect("the store answers");
    assert_eq!((part.backlog_records, part.failed, part.auto), (6, 1, 1), "{part:?}");
    relay.read_all(6, 10).await;
    relay.settle().await;
    let drained = relay.store.overview().await.expect("the store answers");
    assert_eq!((drained.backlog_records, drained.oldest_pending), (0, None), "{drained:?}");
}
