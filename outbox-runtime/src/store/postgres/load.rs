//! What a new owner starts from: cursor and parked table, of one statement and therefore of one snapshot.

use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row};
use uuid::Uuid;

use super::cursor::PostgresCursor;
use super::error::classify;
use super::{lease, row};
use crate::qualify::LogPool;
use crate::store::{Lease, Loaded, ParkedRecord, ParkedState, StoreError};

/// First column behind the record's.
const STATE: usize = 6;
/// First column of the cursor; the incarnation, the two cluster identifiers and the sink's transaction follow it.
const CURSOR: usize = 8;

/// Loads cursor and parked table, if the lease is still ours and the cursor counts by itself.
pub(super) async fn load(pool: &LogPool, lease: &Lease) -> Result<Loaded<PostgresCursor>, StoreError> {
    match load_any(pool, lease).await? {
        (_, Some(_)) => Err(StoreError::ExactlyOnce),
        (loaded, None) => Ok(loaded),
    }
}

/// Cursor and parked table, and the sink's transaction that the cursor was written for.
pub(super) async fn load_any(
    pool: &LogPool,
    lease: &Lease,
) -> Result<(Loaded<PostgresCursor>, Option<i64>), StoreError> {
    let rows = select(pool, lease).await.map_err(classify)?;
    let Some((header, parked)) = rows.split_first() else {
        return Err(lease::refused(pool, lease).await);
    };
    let cursor = row::cursor(header, CURSOR).map_err(classify)?;
    let incarnation: Option<Uuid> = header.try_get(CURSOR + 5).map_err(classify)?;
    if incarnation != Some(lease.incarnation) {
        return Err(StoreError::IncarnationChanged);
    }
    let stored: i64 = header.try_get(CURSOR + 6).map_err(classify)?;
    let actual: i64 = header.try_get(CURSOR + 7).map_err(classify)?;
    if stored != actual {
        return Err(StoreError::OtherCluster { stored, actual });
    }
    let transaction: Option<i64> = header.try_get(CURSOR + 8).map_err(classify)?;
    Ok((Loaded { cursor, parked: parked.iter().map(parked_record).collect::<Result<_, _>>()? }, transaction))
}

pub(super) fn parked_record(row: &PgRow) -> Result<ParkedRecord, StoreError> {
    let state: String = row.try_get(STATE).map_err(classify)?;
    let state = ParkedState::stored(&state)?;
    Ok(ParkedRecord { record: row::record(row)?, state, cause: row.try_get(STATE + 1).map_err(classify)? })
}

/// The fenced cursor as a first row, then the parked table in position order. No row when the lease is not ours.
async fn select(executor: impl PgExecutor<'_>, lease: &Lease) -> sqlx::Result<Vec<PgRow>> {
    sqlx::query(
        "WITH c AS MATERIALIZED (
             SELECT c.*, i.id AS incarnation, s.system_identifier AS actual
             FROM outbox_cursor c CROSS JOIN pg_control_system() s LEFT JOIN outbox_incarnation i ON true
             WHERE c.one AND c.epoch = $1 AND c.owner = $2)
         SELECT NULL::bigint, NULL::uuid, NULL::text, NULL::bytea, NULL::bytea, NULL::bytea, NULL::text, NULL::text,
                prev::text, now::text, last_position, low, high, incarnation, system_identifier, actual, sink_transaction
         FROM c
         UNION ALL
         SELECT p.position, p.id, p.topic, p.key, p.headers, p.payload, p.state, p.cause,
                NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
         FROM outbox_parked p WHERE EXISTS (SELECT FROM c)
         ORDER BY 1 NULLS FIRST",
    )
    .bind(lease.epoch)
    .bind(lease.owner)
    .fetch_all(executor)
    .await
}
