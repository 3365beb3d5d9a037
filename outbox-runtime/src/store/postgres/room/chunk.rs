//! Making room in a plain table: rows go in chunks (M4).

use std::sync::atomic::{AtomicI64, Ordering};

use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row};

use crate::qualify::LogPool;
use crate::store::postgres::error::classify;
use crate::store::postgres::lease;
use crate::store::{Lease, StoreError};

/// Rows of one chunk: a few ms of work, and short locks on rows that nobody else wants.
const ROWS_PER_CHUNK: i64 = 5_000;

/// At or below it nothing is left: it keeps a chunk from passing over the dead rows of those before. It follows the floor
/// of the cursor, since only there no late row can appear. In memory: a new process looks once from the start.
#[derive(Debug, Default)]
pub(super) struct Cleared(AtomicI64);

/// Deletes one chunk; the number of rows.
pub(super) async fn remove(pool: &LogPool, cleared: &Cleared, lease: &Lease) -> Result<u64, StoreError> {
    let from = cleared.0.load(Ordering::Relaxed);
    let row = delete(pool, lease, from).await.map_err(classify)?;
    let (floor, deleted, last) = decode(&row).map_err(classify)?;
    let Some(floor) = floor else {
        return Err(lease::refused(pool, lease).await);
    };
    let upto = if deleted < ROWS_PER_CHUNK { floor } else { floor.min(last) };
    cleared.0.fetch_max(upto, Ordering::Relaxed);
    Ok(u64::try_from(deleted).unwrap_or_default())
}

fn decode(row: &PgRow) -> sqlx::Result<(Option<i64>, i64, i64)> {
    Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
}

/// `floor` of the stored cursor (NULL: not ours), number and last position of the rows deleted. Above `high` there is
/// nothing visible in `prev`: a backlog is not searched. A crash undoes a chunk that was not flushed, and the cursor that
/// allowed it was written before.
async fn delete(executor: impl PgExecutor<'_>, lease: &Lease, from: i64) -> sqlx::Result<PgRow> {
    sqlx::query(
        "WITH g AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
         c AS MATERIALIZED (
             SELECT c.prev, c.floor, c.high FROM g, outbox_cursor c, outbox_incarnation i
             WHERE c.one AND c.epoch = $1 AND c.owner = $2 AND i.id = $3),
         settled AS MATERIALIZED (
             SELECT position FROM outbox_log
             WHERE position > $4 AND position <= (SELECT high FROM c)
               AND pg_visible_in_snapshot(xid, (SELECT prev FROM c))
             ORDER BY position LIMIT $5),
         gone AS (DELETE FROM outbox_log l USING settled s WHERE l.position = s.position RETURNING l.position)
         SELECT (SELECT floor FROM c), count(*), coalesce(max(position), 0) FROM gone",
    )
    .bind(lease.epoch)
    .bind(lease.owner)
    .bind(lease.incarnation)
    .bind(from)
    .bind(ROWS_PER_CHUNK)
    .fetch_one(executor)
    .await
}
