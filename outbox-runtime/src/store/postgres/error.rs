//! What PostgreSQL's error codes mean to the relay.

use crate::store::StoreError;

/// SQLSTATE of a missing table.
const UNDEFINED_TABLE: &str = "42P01";
/// SQLSTATE of reading an unlogged table on a standby.
const FEATURE_NOT_SUPPORTED: &str = "0A000";

/// Names a missing table and a standby; everything else stays what it is.
pub(super) fn classify(error: sqlx::Error) -> StoreError {
    let code = error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
    match code.as_deref() {
        Some(UNDEFINED_TABLE) => StoreError::NotMigrated { source: error },
        // The only statement of ours a server may not support: the incarnation is an unlogged table (R5).
        Some(FEATURE_NOT_SUPPORTED) => StoreError::Standby,
        _ => StoreError::Database(error),
    }
}
