//! The cursor's table written anew (S3): every settle leaves a dead version of its one row, and an open transaction may
//! keep all of them; each statement would walk through them. TRUNCATE removes them whatever is open.
//!
//! A snapshot older than that sees no cursor: a dump that began just before. Such a log has to be adopted, which publishes
//! what it has. A row that old snapshots see (COPY … FREEZE) would be newer than the rest of the dump: of a record parked
//! in between there would be nothing left.

use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::PgExecutor;

use super::{BEGIN, GaveUp, LOCK_TIMEOUT, run};
use crate::qualify::LogPool;
use crate::store::postgres::error::classify;
use crate::store::{Lease, StoreError};

/// About a thousand versions: some microseconds for a statement that walks through them.
const BYTES_MAX: i64 = 256 << 10;

/// What is remembered between two calls.
#[derive(Debug, Default)]
pub(super) struct Compact {
    /// Our role may not TRUNCATE: vacuum alone removes dead versions.
    forbidden: AtomicBool,
}

/// Writes the table anew when it has grown.
pub(super) async fn if_due(pool: &LogPool, compact: &Compact, lease: &Lease) -> Result<(), StoreError> {
    if compact.forbidden.load(Ordering::Relaxed) || bytes(pool).await.map_err(classify)? < BYTES_MAX {
        return Ok(());
    }
    if let Err(GaveUp::Forbidden) = super::shielded(rewrite(pool.clone(), *lease)).await? {
        tracing::warn!("this role may not TRUNCATE outbox_cursor: while a transaction stays open, it grows");
        compact.forbidden.store(true, Ordering::Relaxed);
    }
    Ok(())
}

/// The lock holds up every statement that asks for the cursor, until the row is there again. A row that is not of our
/// lease stays.
async fn rewrite(pool: LogPool, lease: Lease) -> sqlx::Result<()> {
    let mut tx = pool.pool.begin_with(BEGIN).await?;
    run(pool.on(&mut tx), LOCK_TIMEOUT).await?;
    run(pool.on(&mut tx), "LOCK TABLE outbox_cursor IN ACCESS EXCLUSIVE MODE").await?;
    let Some(row) = row(pool.on(&mut tx), &lease).await? else { return Ok(()) };
    run(pool.on(&mut tx), "TRUNCATE TABLE outbox_cursor").await?;
    insert(pool.on(&mut tx), &row).await?;
    tx.commit().await
}

async fn bytes(executor: impl PgExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT pg_relation_size('outbox_cursor')").fetch_one(executor).await
}

/// The row as text, with all its columns.
async fn row(executor: impl PgExecutor<'_>, lease: &Lease) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("SELECT c::text FROM outbox_cursor c WHERE c.one AND c.epoch = $1 AND c.owner = $2")
        .bind(lease.epoch)
        .bind(lease.owner)
        .fetch_optional(executor)
        .await
}

async fn insert(executor: impl PgExecutor<'_>, row: &str) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO outbox_cursor SELECT ($1::text::outbox_cursor).*")
        .bind(row)
        .execute(executor)
        .await
        .map(drop)
}
