//! Reading: a window is opened with its first page, the next pages stay inside it.
//!
//! One row of each statement, with a NULL position, is a header: it carries the incarnation (R4), the statement's own
//! snapshot and the state of the ring, so that the records themselves stay narrow. There is no ORDER BY around header and
//! records: a sort would make the server finish before it sends the first row. The order is checked here instead.

use std::sync::Arc;

use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use sqlx::postgres::PgRow;

use super::cursor::PostgresCursor;
use super::error::classify;
use super::layout::{Found, Layout, slot_of, table};
use super::low::LowWater;
use super::row::{self, Header};
use super::select::{Late, Select};
use crate::qualify::LogPool;
use crate::store::{Lease, PAGE_BYTES_MAX, Page, StoreError, StoredRecord};

/// Reads the next page behind `cursor`.
pub(super) async fn read(
    pool: &LogPool,
    found: &Found,
    low: &LowWater,
    lease: &Lease,
    cursor: &PostgresCursor,
    limit: usize,
) -> Result<Page<PostgresCursor>, StoreError> {
    let limit = limit.clamp(1, i32::MAX as usize);
    let mut layout = found.get(pool).await?;
    if cursor.now.is_none() {
        // Before the window: a candidate taken now may count at its end already.
        low.take_candidate(pool, &layout, lease.incarnation).await?;
    }
    let xids = cursor.long_writers()?;
    let starts = low.starts_of(&xids, cursor.marks.floor, lease.incarnation);
    // Their rows are asked for once one of them has ended, which the first page tells.
    let mut late = match &cursor.now {
        Some(now) => cursor.last_position < cursor.marks.low && cursor.start(now)? < cursor.marks.low,
        None => false,
    };
    let mut place = low.place_above(cursor.marks.low, lease.incarnation);
    let Rows { header, mut records, mut cut } = loop {
        let all = layout.tables();
        let select = Select {
            tables: place.map_or_else(|| all.clone(), |place| vec![table(slot_of(place))]),
            is_ring: matches!(*layout, Layout::Ring(_)),
            long_writers: &xids,
            late: late.then(|| Late { tables: all, starts: &starts }),
            cursor,
            limit: limit as i64,
        };
        let text = select.text();
        let rows = take(select.rows(pool, &text)).await?;
        if rows.header.incarnation != Some(lease.incarnation) {
            return Err(StoreError::IncarnationChanged);
        }
        if let Some(expected) = place.filter(|place| rows.header.place != Some(*place)) {
            // Rows went elsewhere meanwhile: those of this window may be in any slot.
            low.moved_from(expected);
            place = None;
        } else if let Layout::Ring(slots) = &*layout
            && rows.header.slots != Some(slots.len())
        {
            layout = found.refresh(pool).await?;
        } else if rows.header.long_writer_ended && cursor.now.is_none() && !late {
            late = true;
        } else {
            break rows;
        }
    };
    // Those of long writers and the others were limited each on its own.
    cut |= records.len() > limit;
    records.truncate(limit);
    low.saw(records.len());
    let (window, now) = match &cursor.now {
        Some(now) => (cursor.clone(), Arc::clone(now)),
        None => (cursor.open(Arc::clone(&header.now))?, header.now),
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
    let first_page = window.last_position == window.start(&now)?;
    let last = records.last().map_or(window.last_position, |record| record.position);
    if full {
        let end = window.at(last);
        return Ok(Page { records, window, end, more: true });
    }
    let end = window.close(&now, last, low.at_end_of(&now, lease.incarnation)?);
    // A window of several pages took its time: others have committed since it was opened.
    Ok(Page { records, window, end, more: !first_page })
}
