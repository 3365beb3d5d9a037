//! Exactly-once: the stored cursor counts together with the position that a sink has committed (rules 13 and 15).

use outbox_runtime::store::{
    Acquired, Lease, Loaded, ParkedRecord, ParkedState, Position, Recovered, Settle, Store, StoreError,
};
use uuid::Uuid;

use crate::harness::{Harness, notes};
use crate::relay::{LEASE, Relay, numbers, taken, texts};

fn parked(relay: &[outbox_runtime::store::StoredRecord], at: usize) -> ParkedRecord {
    ParkedRecord { record: relay[at].clone(), state: ParkedState::Auto, cause: "follows".into() }
}

async fn recovered<S: Store>(store: &S, lease: &Lease, position: &Position<S::Cursor>) -> Loaded<S::Cursor> {
    match store.recover(lease, Some(position)).await.expect("the lease is ours") {
        Recovered::Loaded(loaded) => loaded,
        Recovered::Elsewhere(cursor) => panic!("the log is at {cursor:?}"),
    }
}

/// A position of nothing, committed before anything is sent.
async fn first_position<S: Store>(store: &S, lease: &Lease) -> Position<S::Cursor> {
    match store.recover(lease, None).await.expect("the lease is ours") {
        Recovered::Elsewhere(cursor) => Position { transaction: 1, cursor, rows: vec![], home: None },
        Recovered::Loaded(_) => panic!("there is no position yet"),
    }
}

pub(crate) async fn rule_13_a_log_starts_from_the_position<H: Harness>(harness: &H) {
    harness.append(notes(0..6)).await;
    let store = harness.store();
    let lease = taken(&store, Uuid::now_v7(), LEASE).await;
    let start = first_position(&store, &lease).await;
    recovered(&store, &lease, &start).await;
    let page = store.read(&lease, &start.cursor, 6).await.expect("the store reads");

    // Transaction 2: two records and a parked one; the sink has committed it.
    let cursor = H::Store::cursor_at(&page.window, page.records[2].position);
    let settle = Settle { cursor: Some(cursor.clone()), park: vec![parked(&page.records, 2)], unpark: vec![] };
    store.prepare(&lease, settle, Some(2)).await.expect("ours");
    let committed = Position { transaction: 2, cursor: cursor.clone(), rows: vec![], home: None };
    // Transaction 3 sends that row, and parks another record: the sink has not committed it.
    let settle = Settle { cursor: Some(page.end.clone()), park: vec![parked(&page.records, 4)], unpark: vec![] };
    store.prepare(&lease, settle.clone(), Some(3)).await.expect("ours");
    store.prepare(&lease, settle.clone(), Some(3)).await.expect("the same again");

    let loaded = recovered(&store, &lease, &committed).await;
    assert_eq!(loaded.cursor, cursor);
    assert_eq!(loaded.parked, [parked(&page.records, 2)], "rows beyond the position are gone");
    let mut relay = Relay { store: harness.store(), lease, cursor: loaded.cursor, parked: loaded.parked };
    assert_eq!(texts(&relay.read_all(3, 10).await), numbers(3..6));

    // The same, committed: the row that the position lists is gone, and the one parked in it stays.
    store.prepare(&lease, settle, Some(3)).await.expect("ours");
    let rows = vec![page.records[2].position];
    let committed = Position { transaction: 3, cursor: page.end.clone(), rows, home: None };
    let loaded = recovered(&store, &lease, &committed).await;
    assert_eq!(loaded.parked, [parked(&page.records, 4)]);
    assert_eq!(recovered(&store, &lease, &committed).await.parked, loaded.parked, "once more changes nothing");
}

pub(crate) async fn rule_13_the_stored_cursor_counts_before_and_after<H: Harness>(harness: &H) {
    harness.append(notes(0..4)).await;
    let mut relay = Relay::start(harness).await;
    let page = relay.read(2).await;
    relay.settle().await;
    let (store, lease) = (&relay.store, relay.lease);
    let stale = Position { transaction: 7, cursor: page.window.clone(), rows: vec![], home: None };
    match store.recover(&lease, Some(&stale)).await.expect("ours") {
        Recovered::Elsewhere(cursor) => assert_eq!(cursor, page.end, "a position of earlier times does not count"),
        Recovered::Loaded(loaded) => panic!("back to {:?}", loaded.cursor),
    }
    let here = Position { transaction: 8, cursor: page.end.clone(), rows: vec![], home: None };
    recovered(store, &lease, &here).await;
    let refused = store.load(&lease).await.expect_err("the cursor does not count by itself");
    assert!(matches!(refused, StoreError::ExactlyOnce), "{refused:?}");
    assert!(!refused.is_transient() && refused.to_string().contains("exactly-once delivery"), "{refused}");

    // An orderly stop.
    store.prepare(&lease, Settle { cursor: None, park: vec![], unpark: vec![] }, None).await.expect("ours");
    let mut relay = relay.restart(harness).await;
    assert_eq!(texts(&relay.read_all(2, 10).await), numbers(2..4));
}

pub(crate) async fn rule_13_a_position_of_another_history_is_refused<H: Harness>(harness: &H) {
    harness.append(notes(0..4)).await;
    let store = harness.store();
    let lease = taken(&store, Uuid::now_v7(), LEASE).await;
    let start = first_position(&store, &lease).await;
    recovered(&store, &lease, &start).await;
    let later = Position { transaction: 2, ..start.clone() };
    for found in [None, Some(&later)] {
        let lost = store.recover(&lease, found).await.expect_err("the database was restored, or the position is lost");
        let expected = found.map(|position| position.transaction);
        assert!(matches!(lost, StoreError::PositionLost { stored: 1, found } if found == expected), "{lost:?}");
        assert!(!lost.is_transient());
    }
    recovered(&store, &lease, &start).await;
}

pub(crate) async fn rule_13_a_position_further_back_is_refused<H: Harness>(harness: &H) {
    harness.append(notes(0..4)).await;
    let store = harness.store();
    let lease = taken(&store, Uuid::now_v7(), LEASE).await;
    let start = first_position(&store, &lease).await;
    recovered(&store, &lease, &start).await;
    let settle = Settle { cursor: None, park: vec![], unpark: vec![] };
    for transaction in [2, 3] {
        store.prepare(&lease, settle.clone(), Some(transaction)).await.expect("ours");
    }
    let lost = store.recover(&lease, Some(&start)).await.expect_err("the sink has lost what it had committed");
    assert!(matches!(lost, StoreError::PositionLost { stored: 3, found: Some(1) }), "{lost:?}");
    recovered(&store, &lease, &Position { transaction: 2, ..start }).await;
}

pub(crate) async fn rule_13_rows_of_an_earlier_history_stay<H: Harness>(harness: &H) {
    harness.append(notes(0..4)).await;
    let store = harness.store();
    let lease = taken(&store, Uuid::now_v7(), LEASE).await;
    let start = first_position(&store, &lease).await;
    recovered(&store, &lease, &start).await;
    let page = store.read(&lease, &start.cursor, 2).await.expect("the store reads");
    let row = parked(&page.records, 1);
    let settle = Settle { cursor: Some(page.end.clone()), park: vec![row.clone()], unpark: vec![] };
    store.prepare(&lease, settle, Some(2)).await.expect("ours");
    let committed = Position { transaction: 2, cursor: page.end.clone(), rows: vec![], home: None };
    recovered(&store, &lease, &committed).await;
    // An orderly stop; then the sink knows no position: numbers start anew.
    store.prepare(&lease, Settle { cursor: None, park: vec![], unpark: vec![] }, None).await.expect("ours");
    let first = first_position(&store, &lease).await;
    assert_eq!(recovered(&store, &lease, &first).await.parked, std::slice::from_ref(&row));
    assert_eq!(recovered(&store, &lease, &first).await.parked, [row], "also when it starts again from there");
}

pub(crate) async fn rule_15_only_the_owner_prepares_and_recovers<H: Harness>(harness: &H) {
    harness.append(notes(0..2)).await;
    let store = harness.store();
    let owner = Uuid::now_v7();
    let stale = taken(&store, owner, LEASE).await;
    let start = first_position(&store, &stale).await;
    recovered(&store, &stale, &start).await;
    let Acquired::Taken(lease) = store.acquire(owner, LEASE).await.expect("the store answers") else {
        panic!("an owner takes its own log");
    };
    assert_eq!(lease.log, stale.log, "a log has one name");
    let page = store.read(&lease, &start.cursor, 2).await.expect("the store reads");
    let settle = Settle { cursor: Some(page.end.clone()), park: vec![parked(&page.records, 0)], unpark: vec![] };
    for transaction in [Some(2), None] {
        let fenced = store.prepare(&stale, settle.clone(), transaction).await.expect_err("the epoch is another");
        assert!(matches!(fenced, StoreError::Fenced), "{fenced:?}");
    }
    let fenced = store.recover(&stale, Some(&start)).await.expect_err("the epoch is another");
    assert!(matches!(fenced, StoreError::Fenced), "{fenced:?}");
    let loaded = recovered(&store, &lease, &start).await;
    assert!(loaded.parked.is_empty() && loaded.cursor == start.cursor, "nothing was written");
}
