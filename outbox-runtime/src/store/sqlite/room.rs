//! Making room: rows of the log go in chunks, once the *stored* cursor has passed them.

use sqlx::{SqliteExecutor, SqlitePool};

use super::error::classify;
use super::lease;
use crate::store::{Lease, StoreError};

/// Rows of one chunk: while they are deleted no handler can commit.
const ROWS_PER_CHUNK: i64 = 1_000;

/// Deletes one chunk; the number of rows.
pub(super) async fn make_room(pool: &SqlitePool, lease: &Lease) -> Result<u64, StoreError> {
    let deleted = delete(pool, lease).await.map_err(classify)?;
    if deleted == 0 && !lease::is_ours(pool, lease).await? {
        return Err(StoreError::Fenced);
    }
    Ok(deleted)
}

/// Without the lease the cursor is NULL, and nothing is at or below it.
async fn delete(executor: impl SqliteExecutor<'_>, lease: &Lease) -> sqlx::Result<u64> {
    let deleted = sqlx::query(
        "DELETE FROM outbox_log WHERE position IN (
             SELECT position FROM outbox_log
             WHERE position <= (SELECT position FROM outbox_cursor WHERE one = 1 AND epoch = ? AND owner = ?)
             ORDER BY position LIMIT ?)",
    )
    .bind(lease.epoch)
    .bind(lease.owner)
    .bind(ROWS_PER_CHUNK)
    .execute(executor)
    .await?;
    Ok(deleted.rows_affected())
}
