//! The operator's side of the parked table: looking, and setting marks. No lease is needed for either.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteExecutor, SqlitePool};
use uuid::Uuid;

use super::error::classify;
use super::row;
use crate::store::{Mark, ParkedView, StoreError};

/// First column behind those of a loaded row.
const SINCE: usize = 8;

/// Rows behind `after`, in position order.
pub(super) async fn page(pool: &SqlitePool, after: i64, limit: usize) -> Result<Vec<ParkedView>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    select(pool, after, limit).await.map_err(classify)?.iter().map(view).collect()
}

/// Sets a mark; the number of rows.
pub(super) async fn mark(pool: &SqlitePool, ids: &[Uuid], mark: Mark) -> Result<u64, StoreError> {
    let mut marked = 0;
    for id in ids {
        marked += mark_one(pool, *id, mark.as_str()).await.map_err(classify)?;
    }
    Ok(marked)
}

fn view(row: &SqliteRow) -> Result<ParkedView, StoreError> {
    let since: f64 = row.try_get(SINCE).map_err(classify)?;
    let mark: Option<String> = row.try_get(SINCE + 1).map_err(classify)?;
    Ok(ParkedView::stored(row::parked(row)?, since, mark.as_deref()))
}

async fn select(executor: impl SqliteExecutor<'_>, after: i64, limit: i64) -> sqlx::Result<Vec<SqliteRow>> {
    sqlx::query(
        "SELECT position, id, topic, key, headers, payload, state, cause, parked_at, mark FROM outbox_parked
         WHERE position > ? ORDER BY position LIMIT ?",
    )
    .bind(after)
    .bind(limit)
    .fetch_all(executor)
    .await
}

async fn mark_one(executor: impl SqliteExecutor<'_>, id: Uuid, mark: &str) -> sqlx::Result<u64> {
    let marked = sqlx::query("UPDATE outbox_parked SET mark = ?2 WHERE id = ?1 AND (?2 = 'skip' OR state = 'failed')")
        .bind(id)
        .bind(mark)
        .execute(executor)
        .await?;
    Ok(marked.rows_affected())
}
