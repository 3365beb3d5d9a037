//! How far publishing is behind, from the sequence, the cursor and the first record that waits.

use sqlx::PgExecutor;
use uuid::Uuid;

use super::error::classify;
use crate::qualify::LogPool;
use crate::store::{Lag, StoreError};

pub(super) async fn lag(pool: &LogPool) -> Result<Lag, StoreError> {
    Lag::stored(select(pool).await.map_err(classify)?)
}

/// As in `overview`, without what has to be counted.
async fn select(executor: impl PgExecutor<'_>) -> sqlx::Result<Option<(i64, Option<Uuid>)>> {
    sqlx::query_as(
        "SELECT (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM outbox_log_position_seq)
                    - greatest(c.last_position, c.high),
                (SELECT l.id FROM outbox_log l
                 WHERE l.position > c.low AND NOT pg_visible_in_snapshot(l.xid, c.prev)
                   AND (c.now IS NULL OR l.position > c.last_position OR NOT pg_visible_in_snapshot(l.xid, c.now))
                 ORDER BY l.position LIMIT 1)
         FROM outbox_cursor c WHERE c.one",
    )
    .fetch_optional(executor)
    .await
}
