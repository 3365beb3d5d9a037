//! The parked table moves with the cursor, and comes back with it.

use outbox_runtime::store::{ParkedRecord, ParkedState, Store, StoredRecord};

use crate::harness::{Harness, Note, notes};
use crate::relay::{Relay, numbers, texts};

fn parked(record: &StoredRecord, state: ParkedState, cause: &str) -> ParkedRecord {
    ParkedRecord { record: record.clone(), state, cause: cause.to_owned() }
}

pub(crate) async fn parked_rows_come_with_the_cursor<H: Harness>(harness: &H) {
    harness.append(notes(0..6)).await;
    let mut relay = Relay::start(harness).await;
    let page = relay.read(6).await;
    let rows = vec![parked(&page.records[1], ParkedState::Failed, "too large")];
    let cursor = H::Store::cursor_at(&page.window, page.records[2].position);
    relay.try_settle(Some(cursor), rows.clone(), vec![]).await.expect("ours");
    let mut relay = relay.restart(harness).await;
    assert_eq!(relay.parked, rows);
    assert_eq!(texts(&relay.read_all(3, 10).await), numbers(3..6), "behind the settled prefix");
}

pub(crate) async fn parked_rows_are_loaded_in_order_and_unparked<H: Harness>(harness: &H) {
    let bare = Note { key: None, payload: None };
    let mut records = notes(0..3);
    records.push(outbox_runtime::Record::new(&bare).expect("a valid event"));
    harness.append(records).await;
    let mut relay = Relay::start(harness).await;
    let page = relay.read(4).await;
    let row = |at: usize| {
        let state = if at.is_multiple_of(2) { ParkedState::Auto } else { ParkedState::Failed };
        parked(&page.records[at], state, &format!("cause {at}: it's \"so\""))
    };
    relay.try_settle(Some(page.end.clone()), vec![row(2), row(0)], vec![]).await.expect("ours");
    relay.try_settle(None, vec![row(3), row(1)], vec![]).await.expect("ours");
    let mut relay = relay.restart(harness).await;
    assert_eq!(relay.parked, [row(0), row(1), row(2), row(3)]);
    assert!(relay.read(10).await.records.is_empty(), "parked records are decided");
    let gone = vec![page.records[1].position, page.records[2].position, i64::MAX];
    relay.try_settle(None, vec![], gone).await.expect("a row that is not there is no error");
    let relay = relay.restart(harness).await;
    assert_eq!(relay.parked, [row(0), row(3)]);
    // The log's rows may go; the parked ones hold the record themselves.
    relay.make_room().await;
    assert_eq!(relay.restart(harness).await.parked, [row(0), row(3)]);
}

pub(crate) async fn a_row_parked_again_has_the_new_state<H: Harness>(harness: &H) {
    harness.append(notes(0..2)).await;
    let mut relay = Relay::start(harness).await;
    let page = relay.read(2).await;
    let auto = page.records.iter().map(|record| parked(record, ParkedState::Auto, "follows")).collect();
    relay.try_settle(Some(page.end.clone()), auto, vec![]).await.expect("ours");
    let failed = parked(&page.records[1], ParkedState::Failed, "invalid");
    relay.try_settle(None, vec![failed.clone()], vec![page.records[0].position]).await.expect("ours");
    assert_eq!(relay.restart(harness).await.parked, [failed]);
}
