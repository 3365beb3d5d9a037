//! Reading: what stands behind the cursor, in the order of positions.

use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteExecutor, SqlitePool};

use super::error::classify;
use super::row;
use crate::store::{Page, StoreError, StoredRecord};

/// Reads up to `limit` records after `cursor`.
pub(super) async fn read(pool: &SqlitePool, cursor: i64, limit: usize) -> Result<Page<i64>, StoreError> {
    let rows = select(pool, cursor, limit).await.map_err(classify)?;
    let records: Vec<StoredRecord> = rows.iter().map(row::record).collect::<Result<_, _>>()?;
    let end = records.last().map_or(cursor, |record| record.position);
    let more = !records.is_empty() && records.len() == limit;
    Ok(Page { records, window: cursor, end, more })
}

async fn select(executor: impl SqliteExecutor<'_>, cursor: i64, limit: usize) -> sqlx::Result<Vec<SqliteRow>> {
    sqlx::query(
        "SELECT position, id, topic, key, headers, payload FROM outbox_log WHERE position > ? ORDER BY position LIMIT ?",
    )
    .bind(cursor)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(executor)
    .await
}
