//! The owner's side of commands about parked rows: taking their marks, and executing a skip.

use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteExecutor, SqlitePool};

use super::error::classify;
use super::{row, shield};
use crate::store::{Commands, Lease, StoreError};

/// Records to be tried again that are taken at once: their payloads go into memory.
const RETRIES_PER_TAKE: i64 = 500;

/// Takes the marks. Mostly there are none: that is asked first, without a write.
pub(super) async fn take(pool: &SqlitePool, lease: &Lease) -> Result<Commands, StoreError> {
    if !any(pool).await.map_err(classify)? {
        return Ok(Commands::default());
    }
    let (pool, lease) = (pool.clone(), *lease);
    shield::shielded(async move {
        let mut connection = shield::connection(&pool).await?;
        let mut tx = shield::owned(&mut connection, &lease).await?;
        let retried = take_retries(&mut *tx).await.map_err(classify)?;
        let skip = skips(&mut *tx).await.map_err(classify)?;
        tx.commit().await.map_err(classify)?;
        let mut retried: Vec<_> = retried.iter().map(row::record).collect::<Result<_, _>>()?;
        retried.sort_unstable_by_key(|record| record.position);
        Ok(Commands { retried, skip })
    })
    .await
}

/// Executes a skip; whether the row is gone.
pub(super) async fn skip(pool: &SqlitePool, lease: &Lease, position: i64) -> Result<bool, StoreError> {
    let (pool, lease) = (pool.clone(), *lease);
    shield::shielded(async move {
        let mut connection = shield::connection(&pool).await?;
        let mut tx = shield::owned(&mut connection, &lease).await?;
        audit(&mut *tx, position).await.map_err(classify)?;
        delete(&mut *tx, position).await.map_err(classify)?;
        let is_there = exists(&mut *tx, position).await.map_err(classify)?;
        tx.commit().await.map_err(classify)?;
        Ok(!is_there)
    })
    .await
}

async fn any(executor: impl SqliteExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM outbox_parked WHERE mark IS NOT NULL)").fetch_one(executor).await
}

/// Those that were not taken yet come before those that are on their way.
async fn take_retries(executor: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<SqliteRow>> {
    sqlx::query(
        "UPDATE outbox_parked SET state = 'auto' WHERE position IN (
             SELECT position FROM outbox_parked WHERE mark = 'retry' ORDER BY state DESC, position LIMIT ?)
         RETURNING position, id, topic, key, headers, payload",
    )
    .bind(RETRIES_PER_TAKE)
    .fetch_all(executor)
    .await
}

async fn skips(executor: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar("SELECT position FROM outbox_parked WHERE mark = 'skip' ORDER BY position")
        .fetch_all(executor)
        .await
}

async fn audit(executor: impl SqliteExecutor<'_>, position: i64) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO outbox_skipped (position, id, state, cause, parked_at, topic, key, headers, payload)
         SELECT position, id, state, cause, parked_at, topic, key, headers, payload FROM outbox_parked
         WHERE position = ? AND mark = 'skip' ON CONFLICT DO NOTHING",
    )
    .bind(position)
    .execute(executor)
    .await
    .map(drop)
}

async fn delete(executor: impl SqliteExecutor<'_>, position: i64) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM outbox_parked WHERE position = ? AND mark = 'skip'")
        .bind(position)
        .execute(executor)
        .await
        .map(drop)
}

async fn exists(executor: impl SqliteExecutor<'_>, position: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM outbox_parked WHERE position = ?)")
        .bind(position)
        .fetch_one(executor)
        .await
}
