//! What a new owner starts from: cursor and parked table, of one read transaction and therefore of one snapshot.

use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, SqliteExecutor, SqlitePool};

use super::error::classify;
use super::{row, shield};
use crate::store::{Lease, Loaded, StoreError};

/// Loads cursor and parked table, if the lease is still ours and the cursor counts by itself.
pub(super) async fn load(pool: &SqlitePool, lease: &Lease) -> Result<Loaded<i64>, StoreError> {
    let (pool, lease) = (pool.clone(), *lease);
    shield::shielded(async move {
        let mut connection = shield::connection(&pool).await?;
        let mut tx = connection.begin_with(shield::READ).await.map_err(classify)?;
        let cursor = select_cursor(&mut *tx, &lease).await.map_err(classify)?;
        let parked = select_parked(&mut *tx).await.map_err(classify)?;
        tx.rollback().await.map_err(classify)?;
        match cursor.ok_or(StoreError::Fenced)? {
            (_, Some(_)) => Err(StoreError::ExactlyOnce),
            (cursor, None) => Ok(Loaded { cursor, parked: parked.iter().map(row::parked).collect::<Result<_, _>>()? }),
        }
    })
    .await
}

/// The cursor and the sink's transaction that it was written for; `None` when the lease is not ours.
pub(super) async fn select_cursor(
    executor: impl SqliteExecutor<'_>,
    lease: &Lease,
) -> sqlx::Result<Option<(i64, Option<i64>)>> {
    sqlx::query_as("SELECT position, sink_transaction FROM outbox_cursor WHERE one = 1 AND epoch = ? AND owner = ?")
        .bind(lease.epoch)
        .bind(lease.owner)
        .fetch_optional(executor)
        .await
}

pub(super) async fn select_parked(executor: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<SqliteRow>> {
    sqlx::query("SELECT position, id, topic, key, headers, payload, state, cause FROM outbox_parked ORDER BY position")
        .fetch_all(executor)
        .await
}
