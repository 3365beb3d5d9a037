//! Columns of a record, in the one order that every statement here selects them in.
//!
//! By ordinal and without a type check per value: this runs for every record of every log.

use std::sync::Arc;

use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::cursor::{Marks, PostgresCursor};
use super::error::classify;
use crate::store::{StoreError, StoredRecord};

/// `position, id, topic, key, headers, payload` from column 0 on.
pub(super) fn record(row: &PgRow) -> Result<StoredRecord, StoreError> {
    let decode = || -> sqlx::Result<StoredRecord> {
        Ok(StoredRecord {
            position: row.try_get_unchecked(0)?,
            id: row.try_get_unchecked(1)?,
            topic: row.try_get_unchecked(2)?,
            key: row.try_get_unchecked(3)?,
            headers: row.try_get_unchecked(4)?,
            payload: row.try_get_unchecked(5)?,
        })
    };
    decode().map_err(classify)
}

/// The row without a position that comes with the records: the incarnation stands in `id`, the rest in `topic`.
pub(super) struct Header {
    /// `None` after a crash or a promotion.
    pub(super) incarnation: Option<Uuid>,
    /// Snapshot of the statement.
    pub(super) now: Arc<str>,
    /// Whether one of the long writers that were asked for has ended in it.
    pub(super) long_writer_ended: bool,
    /// In a ring: where new rows go, looked up after the snapshot was taken.
    pub(super) place: Option<i64>,
    /// In a ring: how many slots there are in the snapshot.
    pub(super) slots: Option<usize>,
}

/// The header, if this row is it.
pub(super) fn header(row: &PgRow) -> Result<Option<Header>, StoreError> {
    let decode = || -> sqlx::Result<Option<Header>> {
        if row.try_get_unchecked::<Option<i64>, _>(0)?.is_some() {
            return Ok(None);
        }
        let text: String = row.try_get_unchecked(2)?;
        let mut words = text.split(' ');
        let now = words.next().unwrap_or_default().into();
        let long_writer_ended = words.next() == Some("t");
        let (place, slots) = (words.next().and_then(|it| it.parse().ok()), words.next().and_then(|it| it.parse().ok()));
        Ok(Some(Header { incarnation: row.try_get_unchecked(1)?, now, long_writer_ended, place, slots }))
    };
    decode().map_err(classify)
}

/// `prev, now, last_position, floor, low, low_xid, high` from column `from` on.
pub(super) fn cursor(row: &PgRow, from: usize) -> sqlx::Result<PostgresCursor> {
    Ok(PostgresCursor {
        prev: row.try_get::<String, _>(from)?.into(),
        now: row.try_get::<Option<String>, _>(from + 1)?.map(Into::into),
        last_position: row.try_get(from + 2)?,
        marks: Marks { floor: row.try_get(from + 3)?, low: row.try_get(from + 4)?, low_xid: row.try_get(from + 5)? },
        high: row.try_get(from + 6)?,
    })
}

/// How many columns that are.
pub(super) const CURSOR_COLUMNS: usize = 7;
