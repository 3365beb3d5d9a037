//! Reading: a window is opened with its first page, the next pages stay inside it.
//!
//! One row of each statement, with a NULL position, is a header: it carries the incarnation (R4) and the statement's own
//! snapshot, so that the records themselves stay narrow. There is no ORDER BY around header and records: a sort would
//! make the server finish before it sends the first row. The order is checked here instead.

use std::sync::Arc;

use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, PgPool};

use super::cursor::PostgresCursor;
use super::error::classify;
use super::low::LowWater;
use super::row::{self, Header};
use crate::store::{Lease, Page, StoreError, StoredRecord};

/// Reads the next page behind `cursor`.
pub(super) async fn read(
    pool: &PgPool,
    low: &LowWater,
    lease: &Lease,
    cursor: &PostgresCursor,
    limit: usize,
) -> Result<Page<PostgresCursor>, StoreError> {
    let limit = limit.clamp(1, i32::MAX as usize);
    let rows = match &cursor.now {
        Some(now) => next_page(pool, cursor, now, limit as i64).await,
        None => {
            // Before the window: a candidate taken now may count at its end already.
            low.take_candidate(pool, lease.incarnation).await?;
            open(pool, cursor, limit as i64).await
        }
    };
    let rows = rows.map_err(classify)?;
    let (header, records) = split(&rows)?;
    if header.incarnation != Some(lease.incarnation) {
        return Err(StoreError::IncarnationChanged);
    }
    low.saw(records.len());
    let (window, now) = match &cursor.now {
        Some(now) => (cursor.clone(), Arc::clone(now)),
        None => (cursor.open(Arc::clone(&header.now)), header.now),
    };
    page(low, lease, window, now, records, limit)
}

/// Header and records, these in position order (R1).
fn split(rows: &[PgRow]) -> Result<(Header, Vec<StoredRecord>), StoreError> {
    let (mut header, mut records) = (None, Vec::with_capacity(rows.len()));
    for row in rows {
        match row::header(row)? {
            None => records.push(row::record(row)?),
            found => header = found,
        }
    }
    // It comes sorted from every plan seen so far; SQL alone does not promise it.
    if !records.is_sorted_by_key(|record| record.position) {
        records.sort_unstable_by_key(|record| record.position);
    }
    let header =
        header.ok_or_else(|| StoreError::Damaged { what: "a read came back without its header row".into() })?;
    Ok((header, records))
}

/// A full page leaves its window open; any other ends it.
fn page(
    low: &LowWater,
    lease: &Lease,
    window: PostgresCursor,
    now: Arc<str>,
    records: Vec<StoredRecord>,
    limit: usize,
) -> Result<Page<PostgresCursor>, StoreError> {
    let first_page = window.last_position == window.low;
    let last = records.last().map_or(window.last_position, |record| record.position);
    if records.len() >= limit {
        let end = window.at(last);
        return Ok(Page { records, window, end, more: true });
    }
    let end = window.close(&now, last, low.at_end_of(&now, lease.incarnation)?);
    // A window of several pages took its time: others have committed since it was opened.
    Ok(Page { records, window, end, more: !first_page })
}

/// Opens the window from `cursor.prev` to this statement's snapshot: header and first page.
async fn open(executor: impl PgExecutor<'_>, cursor: &PostgresCursor, limit: i64) -> sqlx::Result<Vec<PgRow>> {
    sqlx::query(
        "WITH s AS MATERIALIZED (SELECT pg_current_snapshot() AS now)
         SELECT NULL::bigint, i.id, s.now::text, NULL::bytea, NULL::bytea, NULL::bytea
         FROM s LEFT JOIN outbox_incarnation i ON true
         UNION ALL
         SELECT * FROM (
             SELECT position, id, topic, key, headers, payload FROM outbox_log
             WHERE position > $1 AND NOT pg_visible_in_snapshot(xid, (SELECT $2::text::pg_snapshot))
             ORDER BY position LIMIT $3) page",
    )
    .bind(cursor.low)
    .bind(&*cursor.prev)
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// The next page of the window `(cursor.prev, now]`, with the header beside it.
async fn next_page(
    executor: impl PgExecutor<'_>,
    cursor: &PostgresCursor,
    now: &str,
    limit: i64,
) -> sqlx::Result<Vec<PgRow>> {
    sqlx::query(
        "WITH s AS MATERIALIZED (SELECT pg_current_snapshot() AS now)
         SELECT NULL::bigint, i.id, s.now::text, NULL::bytea, NULL::bytea, NULL::bytea
         FROM s LEFT JOIN outbox_incarnation i ON true
         UNION ALL
         SELECT * FROM (
             SELECT position, id, topic, key, headers, payload FROM outbox_log
             WHERE position > $1 AND NOT pg_visible_in_snapshot(xid, (SELECT $2::text::pg_snapshot))
               AND pg_visible_in_snapshot(xid, (SELECT $3::text::pg_snapshot))
             ORDER BY position LIMIT $4) page",
    )
    .bind(cursor.last_position.max(cursor.low))
    .bind(&*cursor.prev)
    .bind(now)
    .bind(limit)
    .fetch_all(executor)
    .await
}
