//! Delayed records: not before they are due, once, in the order of their times, and only by the owner.

use std::time::Duration;

use outbox_runtime::Record;
use outbox_runtime::store::{Store, StoreError};

use crate::harness::{Harness, note, notes};
use crate::relay::{LEASE, Relay, texts};

/// Longer than any test takes.
const LATER: Duration = Duration::from_secs(3_600);

fn delayed(text: &str, delay: Duration) -> Record {
    let mut record = note(text);
    record.delay = Some(delay);
    record
}

async fn move_due<H: Harness>(relay: &Relay<H::Store>) -> u64 {
    let mut all = 0;
    loop {
        match relay.store.move_due(&relay.lease).await.expect("the store answers") {
            0 => return all,
            moved => all += moved,
        }
    }
}

pub(crate) async fn a_delayed_record_waits_until_it_is_due<H: Harness>(harness: &H) {
    let soon = Duration::from_millis(300);
    harness
        .append(vec![delayed("second", soon * 2), note("now"), delayed("first", soon), delayed("never", LATER)])
        .await;
    let mut relay = Relay::start(harness).await;
    assert_eq!(texts(&relay.read_all(1, 10).await), ["now"]);
    let mut moved = 0;
    while moved < 2 {
        moved += move_due::<H>(&relay).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(texts(&relay.read_all(2, 10).await), ["first", "second"], "in the order of their times");
    assert_eq!(move_due::<H>(&relay).await, 0, "moved once");
    assert_eq!(harness.rows().await, 3);
}

pub(crate) async fn the_longest_delay_is_stored<H: Harness>(harness: &H) {
    harness.append(vec![delayed("never", Duration::MAX), note("now")]).await;
    let mut relay = Relay::start(harness).await;
    assert_eq!(move_due::<H>(&relay).await, 0);
    assert_eq!(texts(&relay.read_all(1, 10).await), ["now"]);
    let due = relay.store.overview().await.expect("the store answers").next_due;
    assert!(due.is_some_and(|due| due > LATER * 24 * 365 * 900), "{due:?}");
}

pub(crate) async fn records_due_together_keep_their_order<H: Harness>(harness: &H) {
    let many = 1_200;
    let records = notes(0..many).into_iter().map(|mut record| {
        record.delay = Some(Duration::from_millis(1));
        record
    });
    harness.append(records.collect()).await;
    let mut relay = Relay::start(harness).await;
    let mut moved = 0;
    while moved < many as u64 {
        moved += move_due::<H>(&relay).await;
    }
    let read = relay.read_all(many, 500).await;
    assert_eq!(texts(&read), (0..many).map(|number| number.to_string()).collect::<Vec<_>>());
}

pub(crate) async fn only_the_owner_moves<H: Harness>(harness: &H) {
    let relay = Relay::start(harness).await;
    harness.append(vec![delayed("due", Duration::from_nanos(1))]).await;
    relay.store.release(&relay.lease).await.expect("the store answers");
    let error = relay.store.move_due(&relay.lease).await.expect_err("not the owner any more");
    assert!(matches!(error, StoreError::Fenced), "{error:?}");
    assert_eq!(harness.rows().await, 0, "nothing was moved");
    let mut relay = relay.restart(harness).await;
    relay.store.renew(&relay.lease, LEASE).await.expect("the owner renews");
    assert_eq!(move_due::<H>(&relay).await, 1);
    assert_eq!(texts(&relay.read_all(1, 10).await), ["due"]);
}
