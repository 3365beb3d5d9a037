//! Delayed records: moved into the log when they are due.
//!
//! One statement takes them out of the one table and puts them into the other, so a crash leaves each in exactly one. It
//! commits without waiting for the disk: a move that is taken back happens again, under the same ids.

use sqlx::PgExecutor;

use super::error::classify;
use super::lease;
use crate::qualify::LogPool;
use crate::store::{Lease, StoreError};

/// Records of one move.
const RECORDS_PER_MOVE: i64 = 1_000;

/// Moves what is due; the number of records.
pub(super) async fn move_due(pool: &LogPool, lease: &Lease) -> Result<u64, StoreError> {
    let (owners, moved) = statement(pool, lease).await.map_err(classify)?;
    match owners {
        0 => Err(lease::refused(pool, lease).await),
        _ => Ok(u64::try_from(moved).unwrap_or_default()),
    }
}

/// Rows of the fenced cursor (0: not ours), and records moved. `now()` does not change within the statement, so the index
/// finds what is due. Rows that a former owner is moving right now are waited for, a moment only: passing over them would put
/// those behind in front (A4).
async fn statement(executor: impl PgExecutor<'_>, lease: &Lease) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as(
        "WITH g AS MATERIALIZED (
             SELECT set_config('synchronous_commit', 'off', true), set_config('lock_timeout', '1s', true)),
         c AS MATERIALIZED (
             SELECT FROM g, outbox_cursor c, outbox_incarnation i
             WHERE c.one AND c.epoch = $1 AND c.owner = $2 AND i.id = $3),
         due AS MATERIALIZED (
             SELECT due, place FROM outbox_delayed
             WHERE due <= now() AND EXISTS (SELECT FROM c)
             ORDER BY due, place LIMIT $4 FOR UPDATE),
         taken AS (
             DELETE FROM outbox_delayed d USING due WHERE (d.due, d.place) = (due.due, due.place) RETURNING d.*),
         moved AS (
             INSERT INTO outbox_log (id, topic, key, headers, payload)
             SELECT id, topic, key, headers, payload FROM taken ORDER BY due, place
             RETURNING position)
         SELECT (SELECT count(*) FROM c), (SELECT count(*) FROM moved)",
    )
    .bind(lease.epoch)
    .bind(lease.owner)
    .bind(lease.incarnation)
    .bind(RECORDS_PER_MOVE)
    .fetch_one(executor)
    .await
}
