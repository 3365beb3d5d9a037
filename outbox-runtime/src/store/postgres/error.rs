//! What PostgreSQL's error codes mean to the relay.

use super::lease;
use crate::qualify::LogPool;
use crate::store::StoreError;

/// SQLSTATE of a missing table.
const UNDEFINED_TABLE: &str = "42P01";
/// SQLSTATE of a write, or an xid, on a standby; also of a session that is set to be read-only.
const READ_ONLY: &str = "25006";
/// SQLSTATE of reading an unlogged table on a standby.
const FEATURE_NOT_SUPPORTED: &str = "0A000";

/// Names a missing table; everything else stays what it is.
pub(super) fn classify(error: sqlx::Error) -> StoreError {
    if has_code(&error, &[UNDEFINED_TABLE]) {
        StoreError::NotMigrated { source: error }
    } else {
        StoreError::Database(error)
    }
}

/// Names a standby (R5): a relay may find itself on one after a switch-over, in the middle of its work.
pub(super) async fn name_standby<T>(pool: &LogPool, result: Result<T, StoreError>) -> Result<T, StoreError> {
    match &result {
        Err(StoreError::Database(error)) if has_code(error, &[READ_ONLY, FEATURE_NOT_SUPPORTED]) => {
            lease::check_primary(pool).await.and(result)
        }
        _ => result,
    }
}

fn has_code(error: &sqlx::Error, codes: &[&str]) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| codes.contains(&&*code))
}
