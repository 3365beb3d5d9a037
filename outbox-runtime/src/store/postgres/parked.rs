//! The operator's side of the parked table: looking, and setting marks. No lease is needed for either.

use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row};
use uuid::Uuid;

use super::error::classify;
use super::load;
use crate::qualify::LogPool;
use crate::store::{Mark, ParkedView, StoreError};

/// First column behind those of a loaded row.
const SINCE: usize = 8;

/// Rows behind `after`, in position order.
pub(super) async fn page(pool: &LogPool, after: i64, limit: usize) -> Result<Vec<ParkedView>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    select(pool, after, limit).await.map_err(classify)?.iter().map(view).collect()
}

/// Sets a mark; the number of rows.
pub(super) async fn mark(executor: impl PgExecutor<'_>, ids: &[Uuid], mark: Mark) -> Result<u64, StoreError> {
    // Locked in the order in which the relay goes through them, so that the two never wait for each other.
    let marked = sqlx::query(
        "WITH asked AS MATERIALIZED (
             SELECT position FROM outbox_parked WHERE id = ANY($1) AND ($2 = 'skip' OR state = 'failed')
             ORDER BY position FOR UPDATE)
         UPDATE outbox_parked p SET mark = $2 FROM asked WHERE p.position = asked.position",
    )
    .bind(ids)
    .bind(mark.as_str())
    .execute(executor)
    .await;
    marked.map(|done| done.rows_affected()).map_err(classify)
}

fn view(row: &PgRow) -> Result<ParkedView, StoreError> {
    let since: f64 = row.try_get(SINCE).map_err(classify)?;
    let mark: Option<String> = row.try_get(SINCE + 1).map_err(classify)?;
    Ok(ParkedView::stored(load::parked_record(row)?, since, mark.as_deref()))
}

async fn select(executor: impl PgExecutor<'_>, after: i64, limit: i64) -> sqlx::Result<Vec<PgRow>> {
    sqlx::query(
        "SELECT position, id, topic, key, headers, payload, state, cause, extract(epoch FROM parked_at)::float8, mark
         FROM outbox_parked WHERE position > $1 ORDER BY position LIMIT $2",
    )
    .bind(after)
    .bind(limit)
    .fetch_all(executor)
    .await
}
