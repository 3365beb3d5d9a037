//! Reading: what stands behind the cursor, in the order of positions.

use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteExecutor, SqlitePool};

use super::error::classify;
use super::row;
use crate::store::{PAGE_BYTES_MAX, Page, StoreError, StoredRecord};

/// Reads up to `limit` records after `cursor`.
pub(super) async fn read(pool: &SqlitePool, cursor: i64, limit: usize) -> Result<Page<i64>, StoreError> {
    let mut rows = select(pool, cursor, limit);
    let (mut records, mut bytes) = (Vec::<StoredRecord>::new(), 0);
    while let Some(row) = rows.try_next().await.map_err(classify)? {
        let record = row::record(&row)?;
        bytes += record.bytes();
        records.push(record);
        if bytes >= PAGE_BYTES_MAX {
            break;
        }
    }
    let end = records.last().map_or(cursor, |record| record.position);
    let more = !records.is_empty() && (records.len() == limit || bytes >= PAGE_BYTES_MAX);
    Ok(Page { records, window: cursor, end, more })
}

fn select<'e>(
    executor: impl SqliteExecutor<'e> + 'e,
    cursor: i64,
    limit: usize,
) -> BoxStream<'e, sqlx::Result<SqliteRow>> {
    sqlx::query(
        "SELECT position, id, topic, key, headers, payload FROM outbox_log WHERE position > ? ORDER BY position LIMIT ?",
    )
    .bind(cursor)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch(executor)
}
