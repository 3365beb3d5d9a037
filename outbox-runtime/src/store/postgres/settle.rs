//! Settling: the cursor and the parked table move together, in one statement that only the owner can run.
//!
//! One statement is one transaction: there is no BEGIN that a cancelled future could leave behind, and `set_config(…,
//! true)` ends with it (S1). It commits without waiting for the disk: what a crash takes back is published again.

use sqlx::PgExecutor;
use uuid::Uuid;

use super::cursor::PostgresCursor;
use super::error::classify;
use super::lease;
use crate::qualify::LogPool;
use crate::store::{Lease, ParkedRecord, Settle, StoreError};

/// Settles, or says why not; then nothing was written.
pub(super) async fn settle(pool: &LogPool, lease: &Lease, settle: Settle<PostgresCursor>) -> Result<(), StoreError> {
    let settled = match &settle.cursor {
        Some(cursor) if settle.park.is_empty() && settle.unpark.is_empty() => move_cursor(pool, lease, cursor).await,
        cursor => move_all(pool, lease, cursor.as_ref(), &settle.park, &settle.unpark, Durability::LATER, None).await,
    };
    match settled.map_err(classify)? {
        0 => Err(lease::refused(pool, lease).await),
        _ => Ok(()),
    }
}

/// Settles for a transaction of the sink: whatever the sink commits then, the xids in its position are on the disk.
pub(super) async fn prepare(
    pool: &LogPool,
    lease: &Lease,
    settle: Settle<PostgresCursor>,
    transaction: Option<i64>,
) -> Result<(), StoreError> {
    let Settle { cursor, park, unpark } = &settle;
    let settled = move_all(pool, lease, cursor.as_ref(), park, unpark, Durability::NOW, transaction).await;
    match settled.map_err(classify)? {
        0 => Err(lease::refused(pool, lease).await),
        _ => Ok(()),
    }
}

/// `synchronous_commit` of a settle.
struct Durability(&'static str);

impl Durability {
    const NOW: Self = Self("on");
    const LATER: Self = Self("off");
}

/// The common case: only the cursor. Rows touched: 0 when fenced.
async fn move_cursor(executor: impl PgExecutor<'_>, lease: &Lease, cursor: &PostgresCursor) -> sqlx::Result<u64> {
    let update = sqlx::query(
        "WITH g AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
         UPDATE outbox_cursor c
         SET prev = $4::text::pg_snapshot, now = $5::text::pg_snapshot, last_position = $6,
             floor = $7, low = $8, low_xid = $9, high = $10
         FROM g, outbox_incarnation i
         WHERE c.one AND c.epoch = $1 AND c.owner = $2 AND i.id = $3",
    )
    .bind(lease.epoch)
    .bind(lease.owner)
    .bind(lease.incarnation);
    let moved = cursor.bind(update).execute(executor).await?;
    Ok(moved.rows_affected())
}

/// Cursor (unless `None`), parked rows and unparked rows. The cursor's row is updated in any case: that takes its lock,
/// so that no other relay can take over in between. Rows of the cursor touched: 0 when fenced.
async fn move_all(
    executor: impl PgExecutor<'_>,
    lease: &Lease,
    cursor: Option<&PostgresCursor>,
    park: &[ParkedRecord],
    unpark: &[i64],
    durability: Durability,
    transaction: Option<i64>,
) -> sqlx::Result<u64> {
    let rows = Columns::of(park);
    let moved: i64 = sqlx::query_scalar(
        "WITH g AS MATERIALIZED (SELECT set_config('synchronous_commit', $21, true)),
         c AS (
             UPDATE outbox_cursor c
             SET prev = CASE WHEN $4 THEN $5::text::pg_snapshot ELSE c.prev END,
                 now = CASE WHEN $4 THEN $6::text::pg_snapshot ELSE c.now END,
                 last_position = CASE WHEN $4 THEN $7 ELSE c.last_position END,
                 floor = CASE WHEN $4 THEN $8 ELSE c.floor END,
                 low = CASE WHEN $4 THEN $9 ELSE c.low END,
                 low_xid = CASE WHEN $4 THEN $10 ELSE c.low_xid END,
                 high = CASE WHEN $4 THEN $11 ELSE c.high END,
                 sink_transaction = $22
             FROM g, outbox_incarnation i
             WHERE c.one AND c.epoch = $1 AND c.owner = $2 AND i.id = $3
             RETURNING 1),
         park AS (
             INSERT INTO outbox_parked (position, state, cause, id, topic, key, headers, payload, sink_transaction)
             SELECT p.*, $22 FROM c, unnest($12::bigint[], $13::text[], $14::text[], $15::uuid[], $16::text[], $17::bytea[],
                                       $18::bytea[], $19::bytea[]) p
             ON CONFLICT (position) DO UPDATE
             SET state = excluded.state, cause = excluded.cause,
                 mark = CASE WHEN outbox_parked.state = 'auto' AND outbox_parked.mark = 'retry' THEN NULL
                        ELSE outbox_parked.mark END),
         unpark AS (
             DELETE FROM outbox_parked p USING c WHERE p.position = ANY($20::bigint[]))
         SELECT count(*) FROM c",
    )
    .bind(lease.epoch)
    .bind(lease.owner)
    .bind(lease.incarnation)
    .bind(cursor.is_some())
    .bind(cursor.map(|cursor| &*cursor.prev))
    .bind(cursor.and_then(|cursor| cursor.now.as_deref()))
    .bind(cursor.map(|cursor| cursor.last_position))
    .bind(cursor.map(|cursor| cursor.marks.floor))
    .bind(cursor.map(|cursor| cursor.marks.low))
    .bind(cursor.map(|cursor| cursor.marks.low_xid))
    .bind(cursor.map(|cursor| cursor.high))
    .bind(rows.positions)
    .bind(rows.states)
    .bind(rows.causes)
    .bind(rows.ids)
    .bind(rows.topics)
    .bind(rows.keys)
    .bind(rows.headers)
    .bind(rows.payloads)
    .bind(unpark)
    .bind(durability.0)
    .bind(transaction)
    .fetch_one(executor)
    .await?;
    Ok(u64::try_from(moved).unwrap_or_default())
}

/// Parked rows by column, for `unnest`.
#[derive(Default)]
struct Columns<'a> {
    positions: Vec<i64>,
    states: Vec<&'static str>,
    causes: Vec<&'a str>,
    ids: Vec<Uuid>,
    topics: Vec<&'a str>,
    keys: Vec<Option<&'a [u8]>>,
    headers: Vec<&'a [u8]>,
    payloads: Vec<Option<&'a [u8]>>,
}

impl<'a> Columns<'a> {
    fn of(park: &'a [ParkedRecord]) -> Self {
        let mut columns = Self::default();
        for ParkedRecord { record, state, cause } in park {
            columns.positions.push(record.position);
            columns.states.push(state.as_str());
            columns.causes.push(cause);
            columns.ids.push(record.id);
            columns.topics.push(&record.topic);
            columns.keys.push(record.key.as_deref());
            columns.headers.push(&record.headers);
            columns.payloads.push(record.payload.as_deref());
        }
        columns
    }
}
