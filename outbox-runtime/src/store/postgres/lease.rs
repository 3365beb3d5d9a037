//! Who may relay the log: taking, extending and giving back the lease.
//!
//! Time is the database's, and only says when another may take over. Safety is epoch, owner token and incarnation, checked
//! by every write.

use std::time::Duration;

use sqlx::PgExecutor;
use uuid::Uuid;

use super::error::classify;
use crate::migrate::check_postgres;
use crate::qualify::LogPool;
use crate::store::{Acquired, Home, Lease, StoreError};

/// Checks that this is the server the cursor belongs to, then takes the lease if it is free. While it is another's, that is
/// one statement: those that stand by ask often.
pub(super) async fn acquire(pool: &LogPool, owner: Uuid, duration: Duration) -> Result<Acquired, StoreError> {
    if let Some(seconds) = held(pool, owner).await.map_err(classify)? {
        return Ok(Acquired::Held { remaining: Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO) });
    }
    check_postgres(pool).await?;
    check_primary(pool).await?;
    let mut stored = stored_cluster(pool).await.map_err(classify)?;
    if stored.is_none() {
        create_cursor(pool).await.map_err(classify)?;
        stored = stored_cluster(pool).await.map_err(classify)?;
    }
    let stored = stored.ok_or_else(|| StoreError::Damaged {
        what: "outbox_cursor has no row, and outbox_log has some that may be published already; `outbox adopt` \
               (`PostgresStore::adopt`) makes one, and publishes all of them, with the ids they had"
            .into(),
    })?;
    let actual = cluster(pool).await.map_err(classify)?;
    if stored != actual {
        return Err(StoreError::OtherCluster { stored, actual });
    }
    create_incarnation(pool).await.map_err(classify)?;
    let incarnation = incarnation(pool).await?.ok_or(StoreError::IncarnationChanged)?;
    if let Some((epoch, log, database)) = take(pool, owner, incarnation, actual, duration).await.map_err(classify)? {
        let home = Some(Home { cluster: actual, database });
        return Ok(Acquired::Taken(Lease { epoch, owner, incarnation, log, home }));
    }
    let seconds = remaining(pool).await.map_err(classify)?;
    Ok(Acquired::Held { remaining: Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO) })
}

/// Extends the lease.
pub(super) async fn renew(pool: &LogPool, lease: &Lease, duration: Duration) -> Result<(), StoreError> {
    match extend(pool, lease, duration).await.map_err(classify)? {
        0 => Err(refused(pool, lease).await),
        _ => Ok(()),
    }
}

/// Gives the lease back.
pub(super) async fn release(pool: &LogPool, lease: &Lease) -> Result<(), StoreError> {
    let released = sqlx::query(
        "UPDATE outbox_cursor SET owner = NULL, lease_until = '-infinity' WHERE one AND epoch = $1 AND owner = $2",
    )
    .bind(lease.epoch)
    .bind(lease.owner)
    .execute(pool)
    .await;
    released.map(drop).map_err(classify)
}

/// Why a fenced write touched no row.
pub(super) async fn refused(pool: &LogPool, lease: &Lease) -> StoreError {
    match incarnation(pool).await {
        Ok(incarnation) if incarnation == Some(lease.incarnation) => match is_ours(pool, lease).await {
            Ok(false) => StoreError::Fenced,
            // Its snapshot, older than the row: the cursor's table was written anew meanwhile.
            Ok(true) => StoreError::Database(sqlx::Error::RowNotFound),
            Err(error) => classify(error),
        },
        Ok(_) => StoreError::IncarnationChanged,
        Err(error) => error,
    }
}

async fn is_ours(executor: impl PgExecutor<'_>, lease: &Lease) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM outbox_cursor WHERE one AND epoch = $1 AND owner = $2)")
        .bind(lease.epoch)
        .bind(lease.owner)
        .fetch_one(executor)
        .await
}

/// R5: a standby's snapshots miss running transactions.
pub(super) async fn check_primary(executor: impl PgExecutor<'_>) -> Result<(), StoreError> {
    let standby: bool = sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_one(executor).await.map_err(classify)?;
    if standby { Err(StoreError::Standby) } else { Ok(()) }
}

/// The cluster that the cursor was written on (R6).
async fn stored_cluster(executor: impl PgExecutor<'_>) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar("SELECT system_identifier FROM outbox_cursor WHERE one").fetch_optional(executor).await
}

/// Puts the cursor into a log that has neither a cursor nor records, as a copy of the schema alone has it.
async fn create_cursor(executor: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO outbox_cursor (system_identifier) SELECT system_identifier FROM pg_control_system()
         WHERE NOT EXISTS (SELECT FROM outbox_log) ON CONFLICT (one) DO NOTHING",
    )
    .execute(executor)
    .await
    .map(drop)
}

/// The cluster that we talk to.
async fn cluster(executor: impl PgExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT system_identifier FROM pg_control_system()").fetch_one(executor).await
}

/// Puts an incarnation where there is none: after a crash, or in a new database.
async fn create_incarnation(executor: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO outbox_incarnation (id) VALUES ($1) ON CONFLICT (one) DO NOTHING")
        .bind(Uuid::now_v7())
        .execute(executor)
        .await
        .map(drop)
}

/// The server's incarnation (R4).
async fn incarnation(executor: impl PgExecutor<'_>) -> Result<Option<Uuid>, StoreError> {
    sqlx::query_scalar("SELECT id FROM outbox_incarnation").fetch_optional(executor).await.map_err(classify)
}

/// Takes the lease; the new epoch, the log's name and the database's number, or `None` when another has it. Commits synchronously whatever the database's default:
/// an epoch lost in a crash would be given out twice (S2).
async fn take(
    executor: impl PgExecutor<'_>,
    owner: Uuid,
    incarnation: Uuid,
    cluster: i64,
    duration: Duration,
) -> sqlx::Result<Option<(i64, Uuid, i64)>> {
    sqlx::query_as(
        "WITH g AS MATERIALIZED (SELECT set_config('synchronous_commit', 'on', true))
         UPDATE outbox_cursor c
         SET epoch = c.epoch + 1, owner = $1, lease_until = clock_timestamp() + make_interval(secs => $4)
         FROM g, outbox_incarnation i
         WHERE c.one AND c.system_identifier = $3 AND i.id = $2
           AND (c.owner IS NULL OR c.owner = $1 OR c.lease_until <= clock_timestamp())
         RETURNING c.epoch, c.log, (SELECT a.datid::bigint FROM pg_stat_get_activity(pg_backend_pid()) a)",
    )
    .bind(owner)
    .bind(incarnation)
    .bind(cluster)
    .bind(duration.as_secs_f64())
    .fetch_optional(executor)
    .await
}

/// Seconds until the lease of another owner ends; `None` where it may be free, or this is not the place to ask.
async fn held(executor: impl PgExecutor<'_>, owner: Uuid) -> sqlx::Result<Option<f64>> {
    sqlx::query_scalar(
        "SELECT extract(epoch FROM c.lease_until - clock_timestamp())::float8
         FROM outbox_cursor c, pg_control_system() s
         WHERE c.one AND c.owner <> $1 AND c.lease_until > clock_timestamp()
           AND c.system_identifier = s.system_identifier AND NOT pg_is_in_recovery()",
    )
    .bind(owner)
    .fetch_optional(executor)
    .await
}

/// Seconds until the lease of whoever has it ends; `None` where nobody has it.
pub(super) async fn owned(executor: impl PgExecutor<'_>) -> sqlx::Result<Option<f64>> {
    sqlx::query_scalar(
        "SELECT extract(epoch FROM lease_until - clock_timestamp())::float8
         FROM outbox_cursor WHERE one AND owner IS NOT NULL AND lease_until > clock_timestamp()",
    )
    .fetch_optional(executor)
    .await
}

/// Seconds until the lease ends.
async fn remaining(executor: impl PgExecutor<'_>) -> sqlx::Result<f64> {
    sqlx::query_scalar(
        "SELECT CASE WHEN lease_until = '-infinity' THEN 0
                ELSE extract(epoch FROM lease_until - clock_timestamp())::float8 END
         FROM outbox_cursor WHERE one",
    )
    .fetch_one(executor)
    .await
}

/// Moves the lease's end; the number of rows, 0 when fenced. Losing this in a crash costs nothing.
async fn extend(executor: impl PgExecutor<'_>, lease: &Lease, duration: Duration) -> sqlx::Result<u64> {
    let extended = sqlx::query(
        "WITH g AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
         UPDATE outbox_cursor c SET lease_until = clock_timestamp() + make_interval(secs => $4)
         FROM g, outbox_incarnation i
         WHERE c.one AND c.epoch = $1 AND c.owner = $2 AND i.id = $3",
    )
    .bind(lease.epoch)
    .bind(lease.owner)
    .bind(lease.incarnation)
    .bind(duration.as_secs_f64())
    .execute(executor)
    .await?;
    Ok(extended.rows_affected())
}
