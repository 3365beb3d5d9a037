//! Delayed records: moved into the log when they are due.
//!
//! One statement takes them out of the one table and puts them into the other, so a crash leaves each in exactly one. It
//! commits without waiting for the disk: a move that is taken back happens again, under the same ids.
//!
//! What was moved leaves a dead row at the low end of the index, and a transaction that is open keeps them there. So most
//! looks begin where the relay has got to, and some at the beginning: `looks` says which.

use std::time::Instant;

use sqlx::PgExecutor;

use super::error::classify;
use super::lease;
use crate::qualify::LogPool;
use crate::store::{Lease, StoreError};
use looks::Place;

pub(super) use looks::Looks;

mod looks;

/// Records of one move.
const RECORDS_PER_MOVE: i64 = 1_000;

/// Moves what is due; the number of records.
pub(super) async fn move_due(pool: &LogPool, looks: &Looks, lease: &Lease) -> Result<u64, StoreError> {
    let (look, began) = (looks.next(lease, Instant::now()), Instant::now());
    let (owners, moved, due, place) = statement(pool, lease, look).await.map_err(classify)?;
    if owners == 0 {
        return Err(lease::refused(pool, lease).await);
    }
    let last = due.zip(place).map(|(due, place)| Place { due, place });
    looks.done(lease, look, last, moved >= RECORDS_PER_MOVE, (began, Instant::now()));
    Ok(u64::try_from(moved).unwrap_or_default())
}

/// Rows of the fenced cursor (0: not ours), records moved, time (in microseconds) and place of the last one.
type Moved = (i64, i64, Option<i64>, Option<i64>);

/// `now()` does not change within the statement, so the index finds what is due. Rows that a former owner is moving right now
/// are waited for, a moment only: passing over them would put those behind in front (A4).
async fn statement(executor: impl PgExecutor<'_>, lease: &Lease, behind: Option<Place>) -> sqlx::Result<Moved> {
    sqlx::query_as(
        "WITH g AS MATERIALIZED (
             SELECT set_config('synchronous_commit', 'off', true), set_config('lock_timeout', '1s', true)),
         c AS MATERIALIZED (
             SELECT FROM g, outbox_cursor c, outbox_incarnation i
             WHERE c.one AND c.epoch = $1 AND c.owner = $2 AND i.id = $3),
         due AS MATERIALIZED (
             SELECT due, place FROM outbox_delayed
             WHERE (due, place) > (coalesce('epoch'::timestamptz + $5::bigint * interval '1 microsecond', '-infinity'),
                                   $6::bigint)
               AND due <= now() AND EXISTS (SELECT FROM c)
             ORDER BY due, place LIMIT $4 FOR UPDATE),
         taken AS (
             DELETE FROM outbox_delayed d USING due WHERE (d.due, d.place) = (due.due, due.place) RETURNING d.*),
         moved AS (
             INSERT INTO outbox_log (id, topic, key, headers, payload)
             SELECT id, topic, key, headers, payload FROM taken ORDER BY due, place
             RETURNING position),
         last AS (SELECT due, place FROM taken WHERE isfinite(due) ORDER BY due DESC, place DESC LIMIT 1)
         SELECT (SELECT count(*) FROM c), (SELECT count(*) FROM moved),
                (SELECT (extract(epoch FROM due) * 1000000)::bigint FROM last), (SELECT place FROM last)",
    )
    .bind(lease.epoch)
    .bind(lease.owner)
    .bind(lease.incarnation)
    .bind(RECORDS_PER_MOVE)
    .bind(behind.map(|behind| behind.due))
    .bind(behind.map_or(i64::MIN, |behind| behind.place))
    .fetch_one(executor)
    .await
}
