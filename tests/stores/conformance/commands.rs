//! Commands of operators about parked records: marks wait for the owner, which takes and executes them.

use outbox_runtime::store::{Mark, ParkedRecord, ParkedState, Store, StoreError};
use uuid::Uuid;

use crate::harness::{Harness, notes};
use crate::relay::{Relay, texts};

/// Three parked records: failed, automatic, failed.
async fn parked<H: Harness>(harness: &H) -> (Relay<H::Store>, Vec<ParkedRecord>) {
    harness.append(notes(0..3)).await;
    let mut relay = Relay::start(harness).await;
    let page = relay.read(3).await;
    let states = [ParkedState::Failed, ParkedState::Auto, ParkedState::Failed];
    let rows: Vec<_> = page.records.iter().zip(states).map(|(record, state)| row(record.clone(), state)).collect();
    relay.try_settle(Some(page.end.clone()), rows.clone(), vec![]).await.expect("ours");
    (relay, rows)
}

fn row(record: outbox_runtime::store::StoredRecord, state: ParkedState) -> ParkedRecord {
    ParkedRecord { record, state, cause: "a test".to_owned() }
}

async fn marks<S: Store>(store: &S) -> Vec<(ParkedState, Option<Mark>)> {
    let rows = store.parked(0, 10).await.expect("the store answers");
    rows.into_iter().map(|row| (row.parked.state, row.mark)).collect()
}

pub(crate) async fn parked_records_are_shown_in_pages<H: Harness>(harness: &H) {
    let (relay, rows) = parked(harness).await;
    let all = relay.store.parked(0, 10).await.expect("the store answers");
    assert_eq!(all.iter().map(|row| row.parked.clone()).collect::<Vec<_>>(), rows);
    let age = all[0].since.elapsed().unwrap_or_default();
    assert!(age.as_secs() < 600, "parked just now: {age:?}");
    let page = relay.store.parked(rows[0].record.position, 1).await.expect("the store answers");
    assert_eq!(page.len(), 1);
    assert_eq!((page[0].parked.clone(), page[0].mark), (rows[1].clone(), None));
}

pub(crate) async fn retry_is_for_failed_records_and_taken_until_it_ends<H: Harness>(harness: &H) {
    let (relay, rows) = parked(harness).await;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.record.id).chain([Uuid::now_v7()]).collect();
    assert_eq!(relay.store.mark(&ids, Mark::Retry).await.expect("the store answers"), 2, "failed ones only");
    for _ in 0..2 {
        // An answer that got lost is given again.
        let taken = relay.store.take_commands(&relay.lease).await.expect("ours");
        assert_eq!((texts(&taken.retried), taken.skip), (vec!["0".to_owned(), "2".to_owned()], vec![]));
    }
    let [one, two, three] = [0, 1, 2].map(|at| rows[at].record.clone());
    assert_eq!(relay.store.mark(&[one.id], Mark::Retry).await.expect("the store answers"), 0, "it is on its way");
    let failed = vec![row(one.clone(), ParkedState::Failed)];
    relay.try_settle(None, failed.clone(), vec![three.position]).await.expect("ours");
    assert_eq!(marks(&relay.store).await, [(ParkedState::Failed, None), (ParkedState::Auto, None)]);
    assert_eq!(relay.store.mark(&[one.id, two.id], Mark::Retry).await.expect("the store answers"), 1);
    relay.try_settle(None, failed, vec![]).await.expect("ours");
    assert_eq!(marks(&relay.store).await[0], (ParkedState::Failed, Some(Mark::Retry)), "a settle that comes twice");
}

pub(crate) async fn many_retries_are_taken_bit_by_bit<H: Harness>(harness: &H) {
    let many = 1_200;
    harness.append(notes(0..many)).await;
    let mut relay = Relay::start(harness).await;
    let records = relay.read_all(many, 500).await;
    let ids: Vec<Uuid> = records.iter().map(|record| record.id).collect();
    let failed = records.into_iter().map(|record| row(record, ParkedState::Failed)).collect();
    relay.try_settle(Some(relay.cursor.clone()), failed, vec![]).await.expect("ours");
    assert_eq!(relay.store.mark(&ids, Mark::Retry).await.expect("the store answers"), many as u64);
    let mut taken = Vec::new();
    while taken.len() < many {
        let retried = relay.store.take_commands(&relay.lease).await.expect("ours").retried;
        assert!((1..=500).contains(&retried.len()), "{}", retried.len());
        assert!(retried.is_sorted_by_key(|record| record.position));
        taken.extend(retried.into_iter().map(|record| record.id).filter(|id| !taken.contains(id)).collect::<Vec<_>>());
    }
    assert_eq!(taken, ids);
}

pub(crate) async fn skip_takes_a_marked_record_out_once<H: Harness>(harness: &H) {
    let (relay, rows) = parked(harness).await;
    let positions: Vec<i64> = rows.iter().map(|row| row.record.position).collect();
    assert!(!relay.store.skip(&relay.lease, positions[0]).await.expect("ours"), "nobody asked for it");
    let ids = [rows[0].record.id, rows[1].record.id];
    assert_eq!(relay.store.mark(&ids, Mark::Skip).await.expect("the store answers"), 2);
    assert_eq!(relay.store.mark(&ids[..1], Mark::Retry).await.expect("the store answers"), 1, "the last one wins");
    assert_eq!(relay.store.mark(&ids[..1], Mark::Skip).await.expect("the store answers"), 1);
    let taken = relay.store.take_commands(&relay.lease).await.expect("ours");
    assert_eq!((taken.retried.len(), taken.skip.clone()), (0, positions[..2].to_vec()));
    for position in taken.skip {
        assert!(relay.store.skip(&relay.lease, position).await.expect("ours"));
        assert!(relay.store.skip(&relay.lease, position).await.expect("ours"), "gone already");
    }
    assert_eq!(harness.skipped().await, positions[..2].to_vec(), "in the audit");
    assert_eq!(relay.restart(harness).await.parked, rows[2..], "the other one stays");
}

pub(crate) async fn only_the_owner_executes_commands<H: Harness>(harness: &H) {
    let (relay, rows) = parked(harness).await;
    let id = [rows[0].record.id];
    relay.store.mark(&id, Mark::Skip).await.expect("anybody may ask");
    relay.store.release(&relay.lease).await.expect("the store answers");
    let taken = relay.store.take_commands(&relay.lease).await;
    assert!(matches!(taken, Err(StoreError::Fenced)), "{taken:?}");
    let skipped = relay.store.skip(&relay.lease, rows[0].record.position).await;
    assert!(matches!(skipped, Err(StoreError::Fenced)), "{skipped:?}");
    assert_eq!(harness.skipped().await, [0i64; 0]);
    assert_eq!(marks(&relay.store).await[0], (ParkedState::Failed, Some(Mark::Skip)));
}
