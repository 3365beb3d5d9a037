//! The owner's side of commands about parked rows: taking their marks, and executing a skip.

use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row};

use super::error::classify;
use super::{lease, row};
use crate::qualify::LogPool;
use crate::store::{Commands, Lease, StoreError};

/// Records to be tried again that are taken at once: their payloads go into memory.
const RETRIES_PER_TAKE: i64 = 500;

/// Takes the marks. Mostly there are none: that is asked first, without a write.
pub(super) async fn take(pool: &LogPool, lease: &Lease) -> Result<Commands, StoreError> {
    if !any(pool).await.map_err(classify)? {
        return Ok(Commands::default());
    }
    let rows = take_marks(pool, lease).await.map_err(classify)?;
    let Some((_, marked)) = rows.split_first() else {
        return Err(lease::refused(pool, lease).await);
    };
    let mut commands = Commands::default();
    for marked in marked {
        match marked.try_get::<bool, _>(6).map_err(classify)? {
            true => commands.retried.push(row::record(marked)?),
            false => commands.skip.push(marked.try_get(0).map_err(classify)?),
        }
    }
    Ok(commands)
}

/// Executes a skip; whether the row is gone.
pub(super) async fn skip(pool: &LogPool, lease: &Lease, position: i64) -> Result<bool, StoreError> {
    let (owners, skipped, was_there) = delete(pool, lease, position).await.map_err(classify)?;
    match owners {
        0 => Err(lease::refused(pool, lease).await),
        _ => Ok(skipped > 0 || !was_there),
    }
}

async fn any(executor: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM outbox_parked WHERE mark IS NOT NULL)").fetch_one(executor).await
}

/// A first row if the lease is ours, then the marked ones: column 6 says whether it is to be tried again. Those that
/// were not taken yet come before those that are on their way. The cursor's row is updated for its lock: nobody takes over
/// in between. SKIP LOCKED: an operator who is about to set marks comes with the next take, and holds up nobody.
async fn take_marks(executor: impl PgExecutor<'_>, lease: &Lease) -> sqlx::Result<Vec<PgRow>> {
    sqlx::query(
        "WITH c AS (
             UPDATE outbox_cursor c SET owner = c.owner FROM outbox_incarnation i
             WHERE c.one AND c.epoch = $1 AND c.owner = $2 AND i.id = $3
             RETURNING 1),
         next AS (
             SELECT p.position FROM outbox_parked p, c WHERE p.mark = 'retry'
             ORDER BY p.state DESC, p.position LIMIT $4 FOR UPDATE OF p SKIP LOCKED),
         retried AS (
             UPDATE outbox_parked p SET state = 'auto' FROM next WHERE p.position = next.position AND p.mark = 'retry'
             RETURNING p.position, p.id, p.topic, p.key, p.headers, p.payload, true)
         SELECT NULL::bigint, NULL::uuid, NULL::text, NULL::bytea, NULL::bytea, NULL::bytea, NULL::boolean FROM c
         UNION ALL SELECT * FROM retried
         UNION ALL SELECT position, NULL, NULL, NULL, NULL, NULL, false FROM outbox_parked, c WHERE mark = 'skip'
         ORDER BY 1 NULLS FIRST",
    )
    .bind(lease.epoch)
    .bind(lease.owner)
    .bind(lease.incarnation)
    .bind(RETRIES_PER_TAKE)
    .fetch_all(executor)
    .await
}

/// Owned cursors (0: not ours), rows deleted, and whether the row was there before. Synchronous: what passes the row
/// afterwards must not be undone by a crash that brings it back.
async fn delete(executor: impl PgExecutor<'_>, lease: &Lease, position: i64) -> sqlx::Result<(i64, i64, bool)> {
    sqlx::query_as(
        "WITH g AS MATERIALIZED (SELECT set_config('synchronous_commit', 'on', true)),
         c AS (
             UPDATE outbox_cursor c SET owner = c.owner FROM g, outbox_incarnation i
             WHERE c.one AND c.epoch = $1 AND c.owner = $2 AND i.id = $3
             RETURNING 1),
         gone AS (
             DELETE FROM outbox_parked p USING c WHERE p.position = $4 AND p.mark = 'skip' RETURNING p.*),
         audit AS (
             INSERT INTO outbox_skipped (position, id, state, cause, parked_at, topic, key, headers, payload)
             SELECT position, id, state, cause, parked_at, topic, key, headers, payload FROM gone
             ON CONFLICT DO NOTHING)
         SELECT (SELECT count(*) FROM c), (SELECT count(*) FROM gone),
                EXISTS (SELECT FROM outbox_parked WHERE position = $4)",
    )
    .bind(lease.epoch)
    .bind(lease.owner)
    .bind(lease.incarnation)
    .bind(position)
    .fetch_one(executor)
    .await
}
