//! Settling: the cursor and the parked table move together, in one transaction that only the owner can commit.

use sqlx::pool::PoolConnection;
use sqlx::{Connection, Sqlite, SqliteExecutor, SqlitePool};

use super::error::classify;
use super::shield;
use crate::store::{Lease, ParkedRecord, Settle, StoreError};

/// Settles, or says why not; then nothing was written.
pub(super) async fn settle(pool: &SqlitePool, lease: &Lease, settle: Settle<i64>) -> Result<(), StoreError> {
    let (pool, lease) = (pool.clone(), *lease);
    shield::shielded(async move {
        let mut connection = shield::connection(&pool).await?;
        write(&mut connection, &lease, &settle, None).await
    })
    .await
}

/// Settles for a transaction of the sink: on the disk before the sink commits.
pub(super) async fn prepare(
    pool: &SqlitePool,
    lease: &Lease,
    settle: Settle<i64>,
    transaction: Option<i64>,
) -> Result<(), StoreError> {
    let (pool, lease) = (pool.clone(), *lease);
    shield::shielded(async move {
        let mut connection = shield::connection(&pool).await?;
        let before = shield::synchronous(&mut connection).await?;
        let settled = write(&mut connection, &lease, &settle, transaction).await;
        shield::restore(&mut connection, before).await?;
        settled
    })
    .await
}

async fn write(
    connection: &mut PoolConnection<Sqlite>,
    lease: &Lease,
    settle: &Settle<i64>,
    transaction: Option<i64>,
) -> Result<(), StoreError> {
    let mut tx = connection.begin_with(shield::WRITE).await.map_err(classify)?;
    // The cursor's row is asked first: from there to the commit nobody else writes.
    if move_cursor(&mut *tx, lease, settle.cursor, transaction).await.map_err(classify)? == 0 {
        tx.rollback().await.map_err(classify)?;
        return Err(StoreError::Fenced);
    }
    for parked in &settle.park {
        park(&mut *tx, parked, transaction).await.map_err(classify)?;
    }
    if !settle.unpark.is_empty() {
        unpark(&mut *tx, &settle.unpark).await.map_err(classify)?;
    }
    tx.commit().await.map_err(classify)
}

/// Moves the cursor, unless `None`; the number of rows, 0 when fenced.
async fn move_cursor(
    executor: impl SqliteExecutor<'_>,
    lease: &Lease,
    cursor: Option<i64>,
    transaction: Option<i64>,
) -> sqlx::Result<u64> {
    let moved = sqlx::query(
        "UPDATE outbox_cursor SET position = coalesce(?, position), sink_transaction = ?
         WHERE one = 1 AND epoch = ? AND owner = ?",
    )
    .bind(cursor)
    .bind(transaction)
    .bind(lease.epoch)
    .bind(lease.owner)
    .execute(executor)
    .await?;
    Ok(moved.rows_affected())
}

/// Puts a row into the parked table, or gives the one that is there another state.
async fn park(executor: impl SqliteExecutor<'_>, parked: &ParkedRecord, transaction: Option<i64>) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO outbox_parked (position, state, cause, id, topic, key, headers, payload, sink_transaction)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (position) DO UPDATE
         SET state = excluded.state, cause = excluded.cause,
             mark = CASE WHEN state = 'auto' AND mark = 'retry' THEN NULL ELSE mark END",
    )
    .bind(parked.record.position)
    .bind(parked.state.as_str())
    .bind(parked.cause.as_str())
    .bind(parked.record.id)
    .bind(parked.record.topic.as_str())
    .bind(parked.record.key.as_deref())
    .bind(parked.record.headers.as_slice())
    .bind(parked.record.payload.as_deref())
    .bind(transaction)
    .execute(executor)
    .await
    .map(drop)
}

pub(super) async fn unpark(executor: impl SqliteExecutor<'_>, positions: &[i64]) -> sqlx::Result<()> {
    // One statement text for any number of positions: the statement cache keeps it.
    let list = positions.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    sqlx::query("DELETE FROM outbox_parked WHERE position IN (SELECT value FROM json_each(?))")
        .bind(format!("[{list}]"))
        .execute(executor)
        .await
        .map(drop)
}
