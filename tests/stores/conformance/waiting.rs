//! The hint that there is something to read.

use std::time::Duration;

use outbox_runtime::store::Store;

use crate::harness::{Harness, notes};
use crate::relay::{PATIENCE, Relay, texts};

pub(crate) async fn a_commit_ends_the_wait<H: Harness>(harness: &H) {
    let mut relay = Relay::start(harness).await;
    for round in ["0", "1"] {
        assert!(relay.read(10).await.records.is_empty());
        let mut wait = Box::pin(relay.store.wait());
        let early = tokio::time::timeout(Duration::from_millis(60), &mut wait).await;
        assert!(early.is_err(), "nothing was committed");
        harness.append(vec![crate::harness::note(round)]).await;
        tokio::time::timeout(PATIENCE, wait).await.expect("the commit is noticed");
        assert_eq!(texts(&relay.read_all(1, 10).await), [round]);
    }
}

pub(crate) async fn a_commit_between_read_and_wait_is_not_missed<H: Harness>(harness: &H) {
    let mut relay = Relay::start(harness).await;
    assert!(relay.read(10).await.records.is_empty());
    harness.append(notes(0..1)).await;
    tokio::time::timeout(PATIENCE, relay.store.wait()).await.expect("the commit is noticed");
    // A dropped wait takes nothing away.
    tokio::time::timeout(PATIENCE, relay.store.wait()).await.expect("it was not read yet");
    assert_eq!(relay.read(10).await.records.len(), 1);
}
