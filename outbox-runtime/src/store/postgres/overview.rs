//! The log at a glance, for operators: one statement, no lease, no count of the log's rows.

use sqlx::PgExecutor;

use super::error::classify;
use crate::migrate::check_postgres;
use crate::qualify::LogPool;
use crate::store::overview::Columns;
use crate::store::{Overview, StoreError};

pub(super) async fn overview(pool: &LogPool) -> Result<Overview, StoreError> {
    check_postgres(pool).await?;
    Overview::stored(select(pool).await.map_err(classify)?)
}

/// The newest position is that of the sequence. What waits first is found as the relay finds it: not visible in `prev`,
/// and behind `last_position` where it is in the window of now.
async fn select(executor: impl PgExecutor<'_>) -> sqlx::Result<Option<Columns>> {
    sqlx::query_as(
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
