//! How far publishing is behind, from both ends of the log's index.

use sqlx::{SqliteExecutor, SqlitePool};
use uuid::Uuid;

use super::error::classify;
use crate::store::{Lag, StoreError};

pub(super) async fn lag(pool: &SqlitePool) -> Result<Lag, StoreError> {
    Lag::stored(select(pool).await.map_err(classify)?)
}

async fn select(executor: impl SqliteExecutor<'_>) -> sqlx::Result<Option<(i64, Option<Uuid>)>> {
    sqlx::query_as(
        "SELECT max(coalesce((SELECT max(position) FROM outbox_log), 0) - c.position, 0),
                (SELECT id FROM outbox_log WHERE position > c.position ORDER BY position LIMIT 1)
         FROM outbox_cursor c WHERE c.one = 1",
    )
    .fetch_optional(executor)
    .await
}
