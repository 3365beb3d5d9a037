//! Reading: a window is opened with its first page, the next pages stay inside it.
//!
//! One row of each statement, with a NULL position, is a header: it carries the incarnation (R4) and the statement's own
//! snapshot, so that the records themselves stay narrow. There is no ORDER BY around header and records: a sort would
//! make the server finish before it sends the first row. The order is checked here instead.

use std::sync::Arc;

use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use sqlx::PgExecutor;
use sqlx::postgres::PgRow;

use super::cursor::PostgresCursor;
use super::error::classify;
use super::low::LowWater;
use super::row::{self, Header};
use crate::qualify::LogPool;
use crate::store::{Lease, PAGE_BYTES_MAX, Page, StoreError, StoredRecord};

/// Reads the next page behind `cursor`.
pub(super) async fn read(
    pool: &LogPool,
    low: &LowWater,
    lease: &Lease,
    cursor: &PostgresCursor,
    limit: usize,
) -> Result<Page<PostgresCursor>, StoreError> {
    let limit = limit.clamp(1, i32::MAX as usize);
    let rows = match &cursor.now {
        Some(now) => next_page(pool, cursor, now, limit as i64),
        None => {
            // Before the window: a candidate taken now may count at its end already.
            low.take_candidate(pool, lease.incarnation).await?;
            open(pool, cursor, limit as i64)
        }
    };
    let Rows { header, records, cut } = take(rows).await?;
    if header.incarnation != Some(lease.incarnation) {
        return Err(StoreError::IncarnationChanged);
    }
    low.saw(records.len());
    let (window, now) = match &cursor.now {
        Some(now) => (cursor.clone(), Arc::clone(now)),
        None => (cursor.open(Arc::clone(&header.now)), header.now),
    };
    let full = cut || records.len() >= limit;
    page(low, lease, window, now, records, full)
}

/// What a statement gave.
struct Rows {
    header: Header,
    records: Vec<StoredRecord>,
    /// There may be more: these are heavy enough for one page.
    cut: bool,
}

/// Takes rows one by one, so that large ones are not all in memory; the records are in position order (R1).
async fn take(mut rows: BoxStream<'_, sqlx::Result<PgRow>>) -> Result<Rows, StoreError> {
    let (mut header, mut records, mut bytes) = (None, Vec::<StoredRecord>::new(), 0);
    let (mut sorted, mut cut) = (true, false);
    while let Some(row) = rows.try_next().await.map_err(classify)? {
        match row::header(&row)? {
            None => {
                let record = row::record(&row)?;
                bytes += record.bytes();
                sorted &= records.last().is_none_or(|last| last.position < record.position);
                records.push(record);
            }
            found => header = found,
        }
        // Nothing may be cut off that could lie below.
        if bytes >= PAGE_BYTES_MAX && sorted && header.is_some() {
            cut = true;
            break;
        }
    }
    // It comes sorted from every plan seen so far; SQL alone does not promise it.
    if !sorted {
        records.sort_unstable_by_key(|record| record.position);
    }
    let header =
        header.ok_or_else(|| StoreError::Damaged { what: "a read came back without its header row".into() })?;
    Ok(Rows { header, records, cut })
}

/// A full page leaves its window open; any other ends it.
fn page(
    low: &LowWater,
    lease: &Lease,
    window: PostgresCursor,
    now: Arc<str>,
    records: Vec<StoredRecord>,
    full: bool,
) -> Result<Page<PostgresCursor>, StoreError> {
    let first_page = window.last_position == window.low;
    let last = records.last().map_or(window.last_position, |record| record.position);
    if full {
        let end = window.at(last);
        return Ok(Page { records, window, end, more: true });
    }
    let end = window.close(&now, last, low.at_end_of(&now, lease.incarnation)?);
    // A window of several pages took its time: others have committed since it was opened.
    Ok(Page { records, window, end, more: !first_page })
}

/// Opens the window from `cursor.prev` to this statement's snapshot: header and first page.
fn open<'e>(
    executor: impl PgExecutor<'e> + 'e,
    cursor: &'e PostgresCursor,
    limit: i64,
) -> BoxStream<'e, sqlx::Result<PgRow>> {
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
    .fetch(executor)
}

/// The next page of the window `(cursor.prev, now]`, with the header beside it.
fn next_page<'e>(
    executor: impl PgExecutor<'e> + 'e,
    cursor: &'e PostgresCursor,
    now: &'e str,
    limit: i64,
) -> BoxStream<'e, sqlx::Result<PgRow>> {
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
    .fetch(executor)
}
