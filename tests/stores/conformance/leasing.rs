//! One owner at a time, and a fence against those of before.

use std::time::Duration;

use outbox_runtime::store::{Acquired, Lease, ParkedRecord, ParkedState, Settle, Store, StoreError};
use uuid::Uuid;

use crate::harness::{Harness, notes};
use crate::relay::{LEASE, PATIENCE, Relay, held, taken};

pub(crate) async fn a_lease_is_exclusive_and_can_be_renewed<H: Harness>(harness: &H) {
    let (first, second) = (harness.store(), harness.store());
    let lease = taken(&first, Uuid::now_v7(), LEASE).await;
    let remaining = held(&second, Uuid::now_v7()).await;
    assert!(remaining <= LEASE && remaining > LEASE / 2, "{remaining:?}");
    first.renew(&lease, LEASE * 3).await.expect("ours");
    let remaining = held(&second, Uuid::now_v7()).await;
    assert!(remaining > LEASE * 2 && remaining <= LEASE * 3, "renewed from now: {remaining:?}");
    first.load(&lease).await.expect("being asked for takes nothing away");
}

pub(crate) async fn a_lease_ends_by_itself<H: Harness>(harness: &H) {
    let (first, second) = (harness.store(), harness.store());
    let short = Duration::from_millis(300);
    let lease = taken(&first, Uuid::now_v7(), short).await;
    let owner = Uuid::now_v7();
    let taking = async {
        loop {
            match second.acquire(owner, LEASE).await.expect("the store answers") {
                Acquired::Taken(taken) => return taken,
                Acquired::Held { remaining } => {
                    assert!(remaining <= short, "{remaining:?}");
                    tokio::time::sleep(remaining).await;
                }
            }
        }
    };
    let taken = tokio::time::timeout(PATIENCE, taking).await.expect("the lease ends");
    assert_eq!((taken.epoch, taken.owner), (lease.epoch + 1, owner));
}

pub(crate) async fn an_ended_lease_is_taken_over_and_its_owner_fenced<H: Harness>(harness: &H) {
    harness.append(notes(0..5)).await;
    let mut old = Relay::start(harness).await;
    old.read(3).await;
    old.settle().await;
    old.read(2).await;
    // An ended lease alone fences nobody: safety is the epoch.
    old.store.renew(&old.lease, Duration::ZERO).await.expect("ours");
    old.store.load(&old.lease).await.expect("nobody else took it");
    let new = Relay::start(harness).await;
    assert_eq!(new.lease.epoch, old.lease.epoch + 1);
    assert_ne!(new.lease.owner, old.lease.owner);
    everything_is_fenced(harness, &new, &old.lease, &old.cursor).await;
}

pub(crate) async fn a_released_log_is_taken_at_once<H: Harness>(harness: &H) {
    let (first, second) = (harness.store(), harness.store());
    let lease = taken(&first, Uuid::now_v7(), LEASE).await;
    first.release(&lease).await.expect("the store answers");
    assert!(matches!(first.renew(&lease, LEASE).await, Err(StoreError::Fenced)), "released is not ours");
    let next = taken(&second, Uuid::now_v7(), LEASE).await;
    assert_eq!(next.epoch, lease.epoch + 1);
}

pub(crate) async fn the_same_owner_takes_its_log_again<H: Harness>(harness: &H) {
    let store = harness.store();
    let owner = Uuid::now_v7();
    let first = taken(&store, owner, LEASE).await;
    let second = taken(&store, owner, LEASE).await;
    assert_eq!((second.epoch, second.owner), (first.epoch + 1, owner));
    assert!(matches!(store.load(&first).await, Err(StoreError::Fenced)), "the older epoch is fenced");
    store.load(&second).await.expect("ours");
}

pub(crate) async fn epoch_and_owner_must_both_fit<H: Harness>(harness: &H) {
    harness.append(notes(0..5)).await;
    let mut relay = Relay::start(harness).await;
    relay.read(3).await;
    relay.settle().await;
    relay.read(2).await;
    let ours = relay.lease;
    for forged in [
        Lease { epoch: ours.epoch - 1, ..ours },
        Lease { epoch: ours.epoch + 1, ..ours },
        Lease { owner: Uuid::now_v7(), ..ours },
    ] {
        everything_is_fenced(harness, &relay, &forged, &relay.cursor).await;
    }
}

/// Nothing can be written or loaded with `stale`; `owner` has the log before and after.
async fn everything_is_fenced<H: Harness>(
    harness: &H,
    owner: &Relay<H::Store>,
    stale: &Lease,
    cursor: &<H::Store as Store>::Cursor,
) {
    let store = harness.store();
    let before = image(harness, owner).await;
    let loaded = owner.store.load(&owner.lease).await.expect("the owner's");
    let page = owner.store.read(&owner.lease, &loaded.cursor, 1).await.expect("the store reads");
    let record = page.records.first().expect("there are unsettled records").clone();
    let park = vec![ParkedRecord { record, state: ParkedState::Failed, cause: "stale".into() }];
    for (cursor, park, unpark) in [
        (Some(cursor.clone()), vec![], vec![]),
        (Some(cursor.clone()), park.clone(), vec![]),
        (None, park, vec![]),
        (None, vec![], vec![1]),
        (None, vec![], vec![]),
    ] {
        let settled = store.settle(stale, Settle { cursor, park, unpark }).await;
        assert!(matches!(settled, Err(StoreError::Fenced)), "{settled:?}");
    }
    assert!(matches!(store.load(stale).await, Err(StoreError::Fenced)));
    assert!(matches!(store.renew(stale, LEASE * 10).await, Err(StoreError::Fenced)));
    assert!(matches!(store.make_room(stale).await, Err(StoreError::Fenced)));
    store.release(stale).await.expect("a lease that is not ours is left alone");
    assert_eq!(image(harness, owner).await, before, "nothing was written");
    let remaining = held(&store, Uuid::now_v7()).await;
    assert!(remaining <= LEASE, "the owner's lease is as it was: {remaining:?}");
}

/// All that a fenced write could change, but for the lease's end.
async fn image<H: Harness>(harness: &H, owner: &Relay<H::Store>) -> String {
    let loaded = owner.store.load(&owner.lease).await.expect("the owner's");
    format!("{loaded:?}, {} rows", harness.rows().await)
}
