//! The log at a glance, for operators: one statement, no lease, no count of the log's rows.

use sqlx::{Sqlite, SqliteExecutor, SqlitePool};

use super::error::classify;
use crate::migrate::check_schema;
use crate::store::overview::Columns;
use crate::store::{Overview, StoreError};

pub(super) async fn overview(pool: &SqlitePool) -> Result<Overview, StoreError> {
    check_schema::<Sqlite>(pool).await?;
    Overview::stored(select(pool).await.map_err(classify)?)
}

async fn select(executor: impl SqliteExecutor<'_>) -> sqlx::Result<Option<Columns>> {
    sqlx::query_as(
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
