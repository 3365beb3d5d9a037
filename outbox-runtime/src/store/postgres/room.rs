//! Making room: rows of the log go in chunks, once the *stored* cursor has passed them.
//!
//! A row may go only if it is visible in the stored `prev` (M1). Its position alone says nothing: a late row of a long
//! writer may lie below any of them, unread.

use std::sync::atomic::{AtomicI64, Ordering};

use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row};

use super::error::classify;
use super::lease;
use crate::qualify::LogPool;
use crate::store::{Lease, StoreError};

/// Rows of one chunk: a few ms of work, and short locks on rows that nobody else wants.
const ROWS_PER_CHUNK: i64 = 5_000;

/// At or below it nothing is left: it keeps a chunk from passing over the dead rows of those before. It follows `low`,
/// since only there no late row can appear. In memory: a new process looks once from the start.
#[derive(Debug, Default)]
pub(super) struct Floor(AtomicI64);

/// Deletes one chunk; the number of rows.
pub(super) async fn make_room(pool: &LogPool, floor: &Floor, lease: &Lease) -> Result<u64, StoreError> {
    let from = floor.0.load(Ordering::Relaxed);
    let row = delete(pool, lease, from).await.map_err(classify)?;
    let (low, deleted, last) = decode(&row).map_err(classify)?;
    let Some(low) = low else {
        return Err(lease::refused(pool, lease).await);
    };
    let cleared = if deleted < ROWS_PER_CHUNK { low } else { low.min(last) };
    floor.0.fetch_max(cleared, Ordering::Relaxed);
    Ok(u64::try_from(deleted).unwrap_or_default())
}

fn decode(row: &PgRow) -> sqlx::Result<(Option<i64>, i64, i64)> {
    Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
}

/// `low` of the stored cursor (NULL: not ours), number and last position of the rows deleted. Above `high` there is
/// nothing visible in `prev`: a backlog is not searched. A crash undoes a chunk that was not flushed, and the cursor that
/// allowed it was written before.
async fn delete(executor: impl PgExecutor<'_>, lease: &Lease, floor: i64) -> sqlx::Result<PgRow> {
    sqlx::query(
        "WITH g AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
         c AS MATERIALIZED (
             SELECT c.prev, c.low, c.high FROM g, outbox_cursor c, outbox_incarnation i
             WHERE c.one AND c.epoch = $1 AND c.owner = $2 AND i.id = $3),
         settled AS MATERIALIZED (
             SELECT position FROM outbox_log
             WHERE position > $4 AND position <= (SELECT high FROM c)
               AND pg_visible_in_snapshot(xid, (SELECT prev FROM c))
             ORDER BY position LIMIT $5),
         gone AS (DELETE FROM outbox_log l USING settled s WHERE l.position = s.position RETURNING l.position)
         SELECT (SELECT low FROM c), count(*), coalesce(max(position), 0) FROM gone",
    )
    .bind(lease.epoch)
    .bind(lease.owner)
    .bind(lease.incarnation)
    .bind(floor)
    .bind(ROWS_PER_CHUNK)
    .fetch_one(executor)
    .await
}
