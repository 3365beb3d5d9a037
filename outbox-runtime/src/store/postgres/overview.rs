//! The log at a glance, for operators: one statement, no lease, no count of the log's rows.

use std::time::Duration;

use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, PgPool, Row};
use uuid::Uuid;

use super::error::classify;
use crate::migrate::check_schema;
use crate::store::{Overview, StoreError, age};

pub(super) async fn overview(pool: &PgPool) -> Result<Overview, StoreError> {
    check_schema(pool).await?;
    let row = select(pool).await.map_err(classify)?;
    row.as_ref().map(decode).transpose().map_err(classify)?.ok_or_else(|| StoreError::Damaged {
        what: "outbox_cursor has no row; insert one as in `0001_outbox.sql`".into(),
    })
}

fn decode(row: &PgRow) -> sqlx::Result<Overview> {
    let seconds = |at| -> sqlx::Result<Option<Duration>> {
        let seconds: Option<f64> = row.try_get(at)?;
        Ok(seconds.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default()))
    };
    let count = |at| -> sqlx::Result<u64> { Ok(u64::try_from(row.try_get::<i64, _>(at)?).unwrap_or_default()) };
    let pending: Option<Uuid> = row.try_get(4)?;
    Ok(Overview {
        owner: row.try_get(0)?,
        epoch: row.try_get(1)?,
        lease_remaining: seconds(2)?.unwrap_or_default(),
        // A late row of a long writer lies below what was delivered.
        backlog_records: count(3)?.max(u64::from(pending.is_some())),
        oldest_pending: pending.and_then(age),
        failed: count(5)?,
        auto: count(6)?,
        next_due: seconds(7)?,
    })
}

/// The newest position is that of the sequence. What waits first is found as the relay finds it: not visible in `prev`,
/// and behind `last_position` where it is in the window of now.
async fn select(executor: impl PgExecutor<'_>) -> sqlx::Result<Option<PgRow>> {
    sqlx::query(
        "SELECT c.owner, c.epoch,
                CASE WHEN c.owner IS NULL OR c.lease_until = '-infinity' THEN 0
                     ELSE greatest(extract(epoch FROM c.lease_until - clock_timestamp()), 0) END::float8,
                (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM outbox_log_position_seq)
                    - greatest(c.last_position, c.high),
                (SELECT l.id FROM outbox_log l
                 WHERE l.position > c.low AND NOT pg_visible_in_snapshot(l.xid, c.prev)
                   AND (c.now IS NULL OR l.position > c.last_position OR NOT pg_visible_in_snapshot(l.xid, c.now))
                 ORDER BY l.position LIMIT 1),
                (SELECT count(*) FROM outbox_parked WHERE state = 'failed'),
                (SELECT count(*) FROM outbox_parked WHERE state = 'auto'),
                (SELECT greatest(extract(epoch FROM due - clock_timestamp()), 0)::float8 FROM outbox_delayed
                 ORDER BY due, place LIMIT 1)
         FROM outbox_cursor c WHERE c.one",
    )
    .fetch_optional(executor)
    .await
}
