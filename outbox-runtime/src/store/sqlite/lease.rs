//! Who may relay the log: taking, extending and giving back the lease.
//!
//! Time is the database's, and only says when another may take over. Safety is epoch and owner token, checked by every
//! write. Each of these is one statement, and so a transaction by itself.

use std::time::Duration;

use sqlx::{Sqlite, SqliteExecutor, SqlitePool};
use uuid::Uuid;

use super::error::classify;
use crate::migrate::check_schema;
use crate::store::{Acquired, Lease, StoreError};

/// Takes the lease if it is free.
pub(super) async fn acquire(pool: &SqlitePool, owner: Uuid, duration: Duration) -> Result<Acquired, StoreError> {
    check_schema::<Sqlite>(pool).await?;
    if let Some((epoch, log)) = take(pool, owner, duration).await.map_err(classify)? {
        return Ok(Acquired::Taken(Lease { epoch, owner, incarnation: Uuid::nil(), log, home: None }));
    }
    let seconds = remaining(pool).await.map_err(classify)?.ok_or_else(|| StoreError::Damaged {
        what: "outbox_cursor has no row; insert one as in `0001_outbox.sql`, with the position of the last record \
               that was published"
            .into(),
    })?;
    Ok(Acquired::Held { remaining: Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO) })
}

/// Extends the lease.
pub(super) async fn renew(pool: &SqlitePool, lease: &Lease, duration: Duration) -> Result<(), StoreError> {
    match extend(pool, lease, duration).await.map_err(classify)? {
        0 => Err(StoreError::Fenced),
        _ => Ok(()),
    }
}

/// Gives the lease back; one that is not ours is left alone.
pub(super) async fn release(executor: impl SqliteExecutor<'_>, lease: &Lease) -> Result<(), StoreError> {
    sqlx::query("UPDATE outbox_cursor SET owner = NULL, lease_until = 0 WHERE one = 1 AND epoch = ? AND owner = ?")
        .bind(lease.epoch)
        .bind(lease.owner)
        .execute(executor)
        .await
        .map(drop)
        .map_err(classify)
}

/// Whether the lease is still ours.
pub(super) async fn is_ours(executor: impl SqliteExecutor<'_>, lease: &Lease) -> Result<bool, StoreError> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM outbox_cursor WHERE one = 1 AND epoch = ? AND owner = ?)")
        .bind(lease.epoch)
        .bind(lease.owner)
        .fetch_one(executor)
        .await
        .map_err(classify)
}

/// The new epoch and the log's name, or `None` when another has the lease.
async fn take(executor: impl SqliteExecutor<'_>, owner: Uuid, duration: Duration) -> sqlx::Result<Option<(i64, Uuid)>> {
    sqlx::query_as(
        "UPDATE outbox_cursor SET epoch = epoch + 1, owner = ?1, lease_until = unixepoch('subsec') + ?2
         WHERE one = 1 AND (owner IS NULL OR owner = ?1 OR lease_until <= unixepoch('subsec'))
         RETURNING epoch, log",
    )
    .bind(owner)
    .bind(duration.as_secs_f64())
    .fetch_optional(executor)
    .await
}

/// Seconds until the lease ends; `None` without a cursor.
async fn remaining(executor: impl SqliteExecutor<'_>) -> sqlx::Result<Option<f64>> {
    sqlx::query_scalar("SELECT max(lease_until - unixepoch('subsec'), 0.0) FROM outbox_cursor WHERE one = 1")
        .fetch_optional(executor)
        .await
}

/// Moves the lease's end; the number of rows, 0 when fenced.
async fn extend(executor: impl SqliteExecutor<'_>, lease: &Lease, duration: Duration) -> sqlx::Result<u64> {
    let extended = sqlx::query(
        "UPDATE outbox_cursor SET lease_until = unixepoch('subsec') + ? WHERE one = 1 AND epoch = ? AND owner = ?",
    )
    .bind(duration.as_secs_f64())
    .bind(lease.epoch)
    .bind(lease.owner)
    .execute(executor)
    .await?;
    Ok(extended.rows_affected())
}
