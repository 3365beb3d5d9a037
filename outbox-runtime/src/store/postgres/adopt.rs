//! Adopting a log that another cluster has written: a restored dump, a logical copy, the other side of blue and green (R6).
//!
//! The xids of its rows, and the snapshots of its cursor, mean nothing here. So all rows get an xid of this cluster in one
//! transaction: what lies above `low` that of this transaction, so that it is delivered as if it had been written now, in the
//! order of its positions; what lies below, is parked or was skipped the xid 1, the only one that the cursor's new snapshot
//! sees. Rows of transactions that run meanwhile are not touched; they have an xid of this cluster, and come with the window
//! that sees them. A position that a sink has committed is the former cluster's as well: the log gets a new identity, under
//! which there is none.
//!
//! A dump may have no cursor: a snapshot older than the moment in which its table was written anew (S3) sees none. And one that
//! was written for a transaction of a sink counts only where that was committed, which nobody can ask for under another name.
//! What the log still has is published then, all of it.

use std::time::Duration;

use sqlx::{PgExecutor, Postgres, Transaction};

use super::error::classify;
use super::lease;
use crate::migrate::check_postgres;
use crate::qualify::{LogPool, On};
use crate::store::StoreError;

/// What adopting a log means, from [`PostgresStore::adoption`](super::PostgresStore::adoption).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Adoption {
    /// System identifier of the cluster that wrote the cursor; `None`: there is no cursor.
    pub stored: Option<i64>,
    /// System identifier of this cluster.
    pub actual: i64,
    /// Records that will be published. Those just below the place where the former relay stood come once more, with the
    /// ids they had.
    pub records: u64,
    /// Parked records, which stay as they are.
    pub parked: u64,
}

impl Adoption {
    /// Whether the log is another cluster's; nothing is to be done otherwise.
    pub fn is_needed(&self) -> bool {
        self.stored != Some(self.actual)
    }
}

/// Facts about the log, in the order in which they are selected; the first is 0 where there is no cursor.
type Facts = (i64, i64, i64, i64, i64, i64);

pub(super) async fn adoption(pool: &LogPool) -> Result<Adoption, StoreError> {
    check_postgres(pool).await?;
    lease::check_primary(pool).await?;
    judge(facts(pool).await.map_err(classify)?)
}

/// Adopts the log, or does nothing where it is this cluster's. Commits synchronously.
pub(super) async fn adopt(pool: &LogPool) -> Result<Adoption, StoreError> {
    adoption(pool).await?;
    let mut tx = pool.begin().await?;
    let adopted = adopt_in(pool, &mut tx).await?;
    tx.commit().await?;
    Ok(adopted)
}

async fn adopt_in(pool: &LogPool, tx: &mut Transaction<'_, Postgres>) -> Result<Adoption, StoreError> {
    create_cursor(pool.on(tx)).await.map_err(classify)?;
    // Another one that adopts has done it when the lock is ours.
    lock(pool.on(tx)).await.map_err(classify)?;
    let adoption = judge(facts(pool.on(tx)).await.map_err(classify)?)?;
    if adoption.is_needed() {
        distrust(pool.on(tx)).await.map_err(classify)?;
        rewrite_in(pool, tx, &adoption).await?;
    }
    Ok(adoption)
}

/// The log begins anew, above its cursor.
async fn rewrite_in(pool: &LogPool, tx: &mut Transaction<'_, Postgres>, adoption: &Adoption) -> Result<(), StoreError> {
    rewrite_xids(pool.on(tx)).await.map_err(classify)?;
    forget_in(pool, tx).await?;
    rewrite_cursor(pool.on(tx), adoption.actual).await.map_err(classify)
}

/// Gives a copy of a log a name of its own; one from another cluster is adopted as ever.
pub(super) async fn adopt_copy(pool: &LogPool) -> Result<Adoption, StoreError> {
    adoption(pool).await?;
    let mut tx = pool.begin().await?;
    let adopted = adopt_in(pool, &mut tx).await?;
    if !adopted.is_needed() {
        rename_in(pool, &mut tx, &adopted).await?;
    }
    tx.commit().await?;
    Ok(adopted)
}

/// The rows' xids and the cursor's snapshots are of this cluster: the cursor stands where it stood, if that is known.
async fn rename_in(pool: &LogPool, tx: &mut Transaction<'_, Postgres>, adopted: &Adoption) -> Result<(), StoreError> {
    // A relay that goes on would commit what nobody finds under the new name.
    if let Some(seconds) = lease::owned(pool.on(tx)).await.map_err(classify)? {
        return Err(StoreError::InUse { remaining: Duration::try_from_secs_f64(seconds).unwrap_or_default() });
    }
    if distrust(pool.on(tx)).await.map_err(classify)? {
        return rewrite_in(pool, tx, adopted).await;
    }
    forget_in(pool, tx).await?;
    rename(pool.on(tx)).await.map_err(classify)
}

/// Refuses a sequence that would hand out positions for the second time, or below `low`, where nobody looks.
fn judge((stored, actual, records, parked, sequence, highest): Facts) -> Result<Adoption, StoreError> {
    let count = |count| u64::try_from(count).unwrap_or_default();
    let stored = (stored != 0).then_some(stored);
    let adoption = Adoption { stored, actual, records: count(records), parked: count(parked) };
    if adoption.is_needed() && sequence < highest {
        return Err(StoreError::SequenceBehind { sequence, highest });
    }
    Ok(adoption)
}

async fn facts<'e>(executor: impl PgExecutor<'e> + 'e) -> sqlx::Result<Facts> {
    sqlx::query_as(
        "SELECT coalesce(c.system_identifier, 0), s.system_identifier,
                (SELECT count(*) FROM outbox_log l
                 WHERE (l.position > coalesce(c.low, 0) OR c.sink_transaction IS NOT NULL OR NOT pg_visible_in_snapshot(l.xid, c.prev))
                 AND NOT EXISTS (SELECT FROM outbox_parked p WHERE p.position = l.position)
                 AND NOT EXISTS (SELECT FROM outbox_skipped s WHERE s.position = l.position)),
                (SELECT count(*) FROM outbox_parked),
                (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM outbox_log_position_seq),
                greatest(c.low, c.high, 0, (SELECT max(position) FROM outbox_log), (SELECT max(position) FROM outbox_parked))
         FROM pg_control_system() s LEFT JOIN outbox_cursor c ON c.one",
    )
    .fetch_one(executor)
    .await
}

/// A cursor of no cluster, which has seen nothing. Another one that adopts is waited for here, and has made it then.
async fn create_cursor(executor: On<'_>) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO outbox_cursor (system_identifier) VALUES (0) ON CONFLICT (one) DO NOTHING")
        .execute(executor)
        .await
        .map(drop)
}

async fn lock(executor: On<'_>) -> sqlx::Result<()> {
    sqlx::query("SELECT set_config('synchronous_commit', 'on', true) FROM outbox_cursor WHERE one FOR UPDATE")
        .execute(executor)
        .await
        .map(drop)
}

/// A cursor whose transaction may not be committed has seen nothing; whether it is one.
async fn distrust(executor: On<'_>) -> sqlx::Result<bool> {
    let changed = sqlx::query(
        "UPDATE outbox_cursor
         SET prev = '1:1:', now = NULL, last_position = 0, floor = 0, low = 0, low_xid = 0
         WHERE one AND sink_transaction IS NOT NULL",
    )
    .execute(executor)
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// Rows that were settled or are kept elsewhere are to be seen as delivered, and to go. Those of a long writer may lie at or
/// below `low` and be neither: the former cluster's snapshot tells.
async fn rewrite_xids(executor: On<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE outbox_log l
         SET xid = CASE WHEN EXISTS (SELECT FROM outbox_cursor c WHERE l.position <= c.low AND pg_visible_in_snapshot(l.xid, c.prev))
                          OR EXISTS (SELECT FROM outbox_parked p WHERE p.position = l.position)
                          OR EXISTS (SELECT FROM outbox_skipped s WHERE s.position = l.position)
                   THEN '1'::xid8 ELSE pg_current_xact_id() END",
    )
    .execute(executor)
    .await
    .map(drop)
}

/// Whoever knew the log before knows nothing of it any more.
async fn forget_in(pool: &LogPool, tx: &mut Transaction<'_, Postgres>) -> Result<(), StoreError> {
    forget_transactions(pool.on(tx)).await.map_err(classify)?;
    forget_incarnation(pool.on(tx)).await.map_err(classify)
}

/// Transactions of a sink under the log's former identity.
async fn forget_transactions(executor: On<'_>) -> sqlx::Result<()> {
    sqlx::query("UPDATE outbox_parked SET sink_transaction = NULL WHERE sink_transaction IS NOT NULL")
        .execute(executor)
        .await
        .map(drop)
}

/// A relay that still has the former cluster's snapshots in memory drops them (R4).
async fn forget_incarnation(executor: On<'_>) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM outbox_incarnation").execute(executor).await.map(drop)
}

/// A sink knows nothing under the new name: the stored cursor counts.
async fn rename(executor: On<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE outbox_cursor SET epoch = epoch + 1, owner = NULL, log = gen_random_uuid(), sink_transaction = NULL WHERE one",
    )
    .execute(executor)
    .await
    .map(drop)
}

/// '2:2:' is the snapshot that sees xid 1 alone. The epoch grows: a copy of the owner's token fences nobody.
/// `low` may have been lowered by hand, for what was written here below the origin's.
async fn rewrite_cursor(executor: On<'_>, actual: i64) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE outbox_cursor
         SET system_identifier = $1, epoch = epoch + 1, owner = NULL, lease_until = '-infinity',
             prev = '2:2:', now = NULL, last_position = least(floor, low), floor = least(floor, low), low = least(floor, low),
             low_xid = 0, high = greatest(low, high), log = gen_random_uuid(), sink_transaction = NULL
         WHERE one",
    )
    .bind(actual)
    .execute(executor)
    .await
    .map(drop)
}
