//! The log at a glance, for operators: one statement, no lease, no count of the log's rows.

use std::time::Duration;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, SqliteExecutor, SqlitePool};
use uuid::Uuid;

use super::error::classify;
use crate::migrate::check_schema;
use crate::store::{Overview, StoreError, age};

pub(super) async fn overview(pool: &SqlitePool) -> Result<Overview, StoreError> {
    check_schema::<Sqlite>(pool).await?;
    let row = select(pool).await.map_err(classify)?;
    row.as_ref().map(decode).transpose().map_err(classify)?.ok_or_else(|| StoreError::Damaged {
        what: "outbox_cursor has no row; insert one as in `0001_outbox.sql`".into(),
    })
}

fn decode(row: &SqliteRow) -> sqlx::Result<Overview> {
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
        backlog_records: count(3)?,
        oldest_pending: pending.and_then(age),
        failed: count(5)?,
        auto: count(6)?,
        next_due: seconds(7)?,
    })
}

async fn select(executor: impl SqliteExecutor<'_>) -> sqlx::Result<Option<SqliteRow>> {
    sqlx::query(
        "SELECT c.owner, c.epoch, max(c.lease_until - unixepoch('subsec'), 0.0),
                max(coalesce((SELECT max(position) FROM outbox_log), 0) - c.position, 0),
                (SELECT id FROM outbox_log WHERE position > c.position ORDER BY position LIMIT 1),
                (SELECT count(*) FROM outbox_parked WHERE state = 'failed'),
                (SELECT count(*) FROM outbox_parked WHERE state = 'auto'),
                (SELECT max(min(due) - unixepoch('subsec'), 0.0) FROM outbox_delayed)
         FROM outbox_cursor c WHERE c.one = 1",
    )
    .fetch_optional(executor)
    .await
}
