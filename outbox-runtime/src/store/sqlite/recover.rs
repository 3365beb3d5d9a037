//! Exactly-once: back to the position that the sink has committed (rule 13).

use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteExecutor, SqlitePool};

use super::error::classify;
use super::{load, row, settle, shield};
use crate::store::{Lease, Loaded, Position, Recovered, StoreError};

/// Takes the log back to `position`, and loads it, in one transaction.
pub(super) async fn recover(
    pool: &SqlitePool,
    lease: &Lease,
    position: Option<&Position<i64>>,
) -> Result<Recovered<i64>, StoreError> {
    let (pool, lease, position) = (pool.clone(), *lease, position.cloned());
    shield::shielded(async move {
        let mut connection = shield::connection(&pool).await?;
        let before = shield::synchronous(&mut connection).await?;
        let recovered = rewind(&mut connection, &lease, position.as_ref()).await;
        shield::restore(&mut connection, before).await?;
        recovered
    })
    .await
}

async fn rewind(
    connection: &mut PoolConnection<Sqlite>,
    lease: &Lease,
    position: Option<&Position<i64>>,
) -> Result<Recovered<i64>, StoreError> {
    let mut tx = shield::owned(connection, lease).await?;
    let stored = load::select_cursor(&mut *tx, lease).await.map_err(classify)?.ok_or(StoreError::Fenced)?;
    let is_going_on = stored.1.is_some();
    let position = match (stored, position) {
        ((_, Some(stored)), Some(position)) if position.can_belong_to(stored) => position,
        ((_, Some(stored)), found) => {
            return Err(StoreError::PositionLost { stored, found: found.map(|position| position.transaction) });
        }
        ((cursor, None), Some(position)) if position.cursor == cursor => position,
        ((cursor, None), _) => return Ok(Recovered::Elsewhere(cursor)),
    };
    move_back(&mut *tx, position).await.map_err(classify)?;
    if is_going_on {
        delete_later(&mut *tx, position.transaction).await.map_err(classify)?;
    } else {
        forget_transactions(&mut *tx).await.map_err(classify)?;
    }
    settle::unpark(&mut *tx, &position.rows).await.map_err(classify)?;
    let parked = load::select_parked(&mut *tx).await.map_err(classify)?;
    tx.commit().await.map_err(classify)?;
    let parked = parked.iter().map(row::parked).collect::<Result<_, _>>()?;
    Ok(Recovered::Loaded(Loaded { cursor: position.cursor, parked }))
}

async fn move_back(executor: impl SqliteExecutor<'_>, position: &Position<i64>) -> sqlx::Result<()> {
    sqlx::query("UPDATE outbox_cursor SET position = ?, sink_transaction = ? WHERE one = 1")
        .bind(position.cursor)
        .bind(position.transaction)
        .execute(executor)
        .await
        .map(drop)
}

/// Rows written for a transaction that the sink has not committed.
async fn delete_later(executor: impl SqliteExecutor<'_>, transaction: i64) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM outbox_parked WHERE sink_transaction > ?")
        .bind(transaction)
        .execute(executor)
        .await
        .map(drop)
}

/// Where the stored cursor was the truth, the rows are of an earlier history: they stay, and lose its numbers.
async fn forget_transactions(executor: impl SqliteExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query("UPDATE outbox_parked SET sink_transaction = NULL WHERE sink_transaction IS NOT NULL")
        .execute(executor)
        .await
        .map(drop)
}
