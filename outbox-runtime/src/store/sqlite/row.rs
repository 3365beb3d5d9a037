//! Columns of a record, in the one order that every statement here selects them in.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::error::classify;
use crate::store::{ParkedRecord, ParkedState, StoreError, StoredRecord};

/// First column behind the record's.
const STATE: usize = 6;

/// `position, id, topic, key, headers, payload` from column 0 on.
pub(super) fn record(row: &SqliteRow) -> Result<StoredRecord, StoreError> {
    let decode = || -> sqlx::Result<StoredRecord> {
        Ok(StoredRecord {
            position: row.try_get(0)?,
            id: row.try_get(1)?,
            topic: row.try_get(2)?,
            key: row.try_get(3)?,
            headers: row.try_get(4)?,
            payload: row.try_get(5)?,
        })
    };
    decode().map_err(classify)
}

/// A record, then `state, cause`.
pub(super) fn parked(row: &SqliteRow) -> Result<ParkedRecord, StoreError> {
    let text: String = row.try_get(STATE).map_err(classify)?;
    let state = ParkedState::stored(&text)?;
    Ok(ParkedRecord { record: record(row)?, state, cause: row.try_get(STATE + 1).map_err(classify)? })
}
