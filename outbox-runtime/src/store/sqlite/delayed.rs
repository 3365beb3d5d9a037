//! Delayed records: moved into the log when they are due, in one transaction.

use sqlx::{SqliteExecutor, SqlitePool};

use super::error::classify;
use super::{lease, shield};
use crate::store::{Lease, StoreError};

/// Records of one move: meanwhile no handler can commit.
const RECORDS_PER_MOVE: i64 = 500;

/// Moves what is due; the number of records. Looks first, since a transaction here stops all writers.
pub(super) async fn move_due(pool: &SqlitePool, lease: &Lease) -> Result<u64, StoreError> {
    let Some(now) = due(pool).await.map_err(classify)? else {
        return if lease::is_ours(pool, lease).await? { Ok(0) } else { Err(StoreError::Fenced) };
    };
    let (pool, lease) = (pool.clone(), *lease);
    shield::shielded(async move {
        let mut connection = shield::connection(&pool).await?;
        let mut tx = shield::owned(&mut connection, &lease).await?;
        let moved = append(&mut *tx, now).await.map_err(classify)?;
        delete(&mut *tx, now).await.map_err(classify)?;
        tx.commit().await.map_err(classify)?;
        Ok(moved)
    })
    .await
}

/// The time by the database's clock, if something is due by then.
async fn due(executor: impl SqliteExecutor<'_>) -> sqlx::Result<Option<f64>> {
    sqlx::query_scalar(
        "SELECT now FROM (SELECT unixepoch('subsec') AS now) WHERE EXISTS (SELECT 1 FROM outbox_delayed WHERE due <= now)",
    )
    .fetch_optional(executor)
    .await
}

async fn append(executor: impl SqliteExecutor<'_>, now: f64) -> sqlx::Result<u64> {
    let appended = sqlx::query(
        "INSERT INTO outbox_log (id, topic, key, headers, payload)
         SELECT id, topic, key, headers, payload FROM outbox_delayed WHERE due <= ? ORDER BY due, place LIMIT ?",
    )
    .bind(now)
    .bind(RECORDS_PER_MOVE)
    .execute(executor)
    .await?;
    Ok(appended.rows_affected())
}

/// The same records: nobody else writes in between.
async fn delete(executor: impl SqliteExecutor<'_>, now: f64) -> sqlx::Result<()> {
    sqlx::query(
        "DELETE FROM outbox_delayed WHERE place IN (
             SELECT place FROM outbox_delayed WHERE due <= ? ORDER BY due, place LIMIT ?)",
    )
    .bind(now)
    .bind(RECORDS_PER_MOVE)
    .execute(executor)
    .await
    .map(drop)
}
