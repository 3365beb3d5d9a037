//! Emptying a slot (M1): look at it under its lock, then TRUNCATE, in one transaction.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgExecutor};

use super::plan::Slot;
use super::{BEGIN, GaveUp, LOCK_TIMEOUT, run};
use crate::qualify::LogPool;
use crate::store::postgres::error::classify;
use crate::store::postgres::layout::table;
use crate::store::postgres::options::SLOT_BYTES_MAX;
use crate::store::{Lease, StoreError};

/// A larger slot, as a relay that was away leaves it, is not looked at row by row: it waits until the cursor's floor is above
/// all of it …
const SCAN_BYTES_MAX: u64 = SLOT_BYTES_MAX * 2;
/// … or until rows have gone elsewhere for so long that hardly anybody asks for it: a long writer holds the floor back, and
/// where nothing comes it does not move.
const QUIET: Duration = Duration::from_secs(60);
/// How long the lock is held for a look at the rows.
const SCAN_TIMEOUT: &str = "SET LOCAL statement_timeout = '2s'";

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// About so many rows are gone.
    Emptied(u64),
    /// Its newest row is not settled.
    NotYet,
    /// Another transaction has the slot, or a row in it is not settled.
    Refused,
    /// Looking at its rows takes too long.
    TooLarge,
    /// The log is not ours.
    NotOurs,
}

/// Empties a slot whose rows are all settled.
pub(super) async fn attempt(pool: &LogPool, lease: &Lease, slot: Slot) -> Result<Outcome, StoreError> {
    let name = table(slot.slot);
    if !newest_is_settled(pool, &name).await.map_err(classify)? {
        return Ok(Outcome::NotYet);
    }
    let may_scan = slot.bytes <= SCAN_BYTES_MAX || slot.filled_for >= QUIET;
    match super::shielded(empty(pool.clone(), *lease, name, may_scan)).await? {
        Ok(outcome) => Ok(outcome),
        Err(GaveUp::TooLong) => Ok(Outcome::TooLarge),
        Err(GaveUp::Busy) => Ok(Outcome::Refused),
        Err(GaveUp::Forbidden) => {
            tracing::warn!(
                slot = slot.slot,
                "this role may not empty the log's slots: grant it TRUNCATE on them, or use the plain layout"
            );
            Ok(Outcome::Refused)
        }
    }
}

async fn empty(pool: LogPool, lease: Lease, name: String, may_scan: bool) -> sqlx::Result<Outcome> {
    let mut tx = pool.pool.begin_with(BEGIN).await?;
    run(pool.on(&mut tx), LOCK_TIMEOUT).await?;
    run(pool.on(&mut tx), format!("LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE")).await?;
    let Some((span, below_floor)) = span(pool.on(&mut tx), &name, &lease).await? else {
        return Ok(Outcome::NotOurs);
    };
    run(pool.on(&mut tx), SCAN_TIMEOUT).await?;
    if !(below_floor || (may_scan && all_are_settled(pool.on(&mut tx), &name).await?)) {
        return Ok(Outcome::Refused);
    }
    run(pool.on(&mut tx), format!("TRUNCATE TABLE {name}")).await?;
    tx.commit().await?;
    Ok(Outcome::Emptied(u64::try_from(span).unwrap_or_default()))
}

/// The cheap question first. A slot without a row has none that is unsettled.
async fn newest_is_settled(executor: impl PgExecutor<'_>, name: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar(AssertSqlSafe(format!(
        "SELECT coalesce((SELECT pg_visible_in_snapshot(l.xid, c.prev) FROM {name} l ORDER BY position DESC LIMIT 1), true)
         FROM outbox_cursor c WHERE c.one"
    )))
    .fetch_one(executor)
    .await
}

/// Positions from the first to the last row, and whether all of them are at or below the cursor's floor, where every row
/// is visible in `prev`. No row when the log is not ours.
async fn span(executor: impl PgExecutor<'_>, name: &str, lease: &Lease) -> sqlx::Result<Option<(i64, bool)>> {
    sqlx::query_as(AssertSqlSafe(format!(
        "WITH l AS MATERIALIZED (SELECT (SELECT max(position) FROM {name}) AS last, (SELECT min(position) FROM {name}) AS first)
         SELECT coalesce(l.last - l.first + 1, 0), coalesce(l.last <= c.floor, true)
         FROM l, outbox_cursor c, outbox_incarnation i
         WHERE c.one AND c.epoch = $1 AND c.owner = $2 AND i.id = $3"
    )))
    .bind(lease.epoch)
    .bind(lease.owner)
    .bind(lease.incarnation)
    .fetch_optional(executor)
    .await
}

/// Whether no row fails "visible in the stored `prev`". What is below its `xmin` has ended.
async fn all_are_settled(executor: impl PgExecutor<'_>, name: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar(AssertSqlSafe(format!(
        "WITH c AS MATERIALIZED (SELECT prev, pg_snapshot_xmin(prev) AS xmin FROM outbox_cursor WHERE one)
         SELECT NOT EXISTS (
             SELECT FROM {name}
             WHERE xid >= (SELECT xmin FROM c) AND NOT pg_visible_in_snapshot(xid, (SELECT prev FROM c)))"
    )))
    .fetch_one(executor)
    .await
}
