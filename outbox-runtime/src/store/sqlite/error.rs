//! What SQLite's errors mean to the relay.

use crate::store::StoreError;

/// Names a missing table and a value that is not what we write; everything else stays what it is.
pub(super) fn classify(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(said) if said.message().contains("no such table: outbox_") => {
            StoreError::NotMigrated { source: error }
        }
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => StoreError::Damaged { what: error.to_string() },
        _ => StoreError::Database(error),
    }
}
