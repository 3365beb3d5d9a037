//! A database without our tables, or with those of the future.

use outbox_runtime::store::{Store, StoreError};
use uuid::Uuid;

use crate::harness::{Tables, notes};
use crate::relay::{LEASE, Relay};

pub(crate) async fn missing_tables_are_named<T: Tables>(harness: &T) {
    let error = harness.store().acquire(Uuid::now_v7(), LEASE).await.expect_err("there are no tables");
    assert!(matches!(error, StoreError::NotMigrated { .. }), "{error:?}");
    assert!(error.to_string().contains("outbox::migrate"), "the remedy is named: {error}");
    assert!(!error.is_transient(), "waiting does not help");
}

pub(crate) async fn a_newer_version_is_refused<T: Tables>(harness: &T) {
    harness.append(notes(0..1)).await;
    let relay = Relay::start(harness).await;
    relay.store.release(&relay.lease).await.expect("the store answers");
    harness.migrated_by_a_newer_version().await;
    let error = harness.store().acquire(Uuid::now_v7(), LEASE).await.expect_err("the tables are newer");
    assert!(matches!(error, StoreError::NewerSchema { found: 9_999, .. }), "{error:?}");
    assert!(error.to_string().contains("update this program"), "{error}");
    assert!(!error.is_transient(), "waiting does not help");
    assert_eq!(harness.rows().await, 1, "nothing is lost");
}
