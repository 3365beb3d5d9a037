//! Exactly-once: back to the position that the sink has committed (rule 13).
//!
//! One statement is one transaction, and it commits synchronously: what is sent from here on is sent once.

use sqlx::PgExecutor;

use super::cursor::PostgresCursor;
use super::error::classify;
use super::load;
use crate::qualify::LogPool;
use crate::store::{Lease, Position, Recovered, StoreError};

/// Takes the log back to `position`, and loads it.
pub(super) async fn recover(
    pool: &LogPool,
    lease: &Lease,
    position: Option<&Position<PostgresCursor>>,
) -> Result<Recovered<PostgresCursor>, StoreError> {
    if let Some(position) = position {
        rewind(pool, lease, position).await.map_err(classify)?;
    }
    // Also says why nothing was written.
    let (loaded, stored) = load::load_any(pool, lease).await?;
    let found = position.map(|position| position.transaction);
    match stored {
        Some(_) if stored == found => Ok(Recovered::Loaded(loaded)),
        Some(stored) => Err(StoreError::PositionLost { stored, found }),
        None => Ok(Recovered::Elsewhere(loaded.cursor)),
    }
}

/// Writes the position, if the lease is ours and it can be that of this log: the stored one or the one before; or, where
/// the stored cursor is the truth, the very same. Then the rows are of an earlier history: they stay, and lose its numbers.
async fn rewind(executor: impl PgExecutor<'_>, lease: &Lease, position: &Position<PostgresCursor>) -> sqlx::Result<()> {
    let rewind = sqlx::query(
        "WITH g AS MATERIALIZED (SELECT set_config('synchronous_commit', 'on', true)),
         before AS MATERIALIZED (SELECT sink_transaction FROM outbox_cursor WHERE one),
         c AS (
             UPDATE outbox_cursor c
             SET prev = $4::text::pg_snapshot, now = $5::text::pg_snapshot, last_position = $6,
                 floor = $7, low = $8, low_xid = $9, high = $10, sink_transaction = $11
             FROM g, outbox_incarnation i
             WHERE c.one AND c.epoch = $1 AND c.owner = $2 AND i.id = $3
               AND (c.sink_transaction IN ($11, $11 + 1)
                    OR (c.sink_transaction IS NULL
                        AND (c.prev::text, c.now::text, c.last_position, c.floor, c.low, c.low_xid, c.high)
                            IS NOT DISTINCT FROM
                            ($4::text, $5::text, $6::bigint, $7::bigint, $8::bigint, $9::bigint, $10::bigint)))
             RETURNING 1),
         earlier AS (
             UPDATE outbox_parked p SET sink_transaction = NULL FROM c, before b
             WHERE b.sink_transaction IS NULL AND p.sink_transaction IS NOT NULL AND NOT p.position = ANY($12::bigint[]))
         DELETE FROM outbox_parked p USING c WHERE p.position = ANY($12::bigint[]) 
            OR (p.sink_transaction > $11 AND EXISTS (SELECT FROM before WHERE sink_transaction IS NOT NULL))",
    )
    .bind(lease.epoch)
    .bind(lease.owner)
    .bind(lease.incarnation);
    let rewind = position.cursor.bind(rewind).bind(position.transaction).bind(&position.rows);
    rewind.execute(executor).await.map(drop)
}
