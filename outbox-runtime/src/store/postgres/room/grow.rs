//! A new slot (M2): made as a table of its own and attached, which takes no lock that a writer waits for.

use sqlx::PgExecutor;

use super::{BEGIN, LOCK_TIMEOUT, run};
use crate::qualify::LogPool;

/// Adds slot `slot`, in the schema that the log is in.
pub(super) async fn add(pool: LogPool, slot: i16) -> sqlx::Result<()> {
    let mut tx = pool.pool.begin_with(BEGIN).await?;
    run(pool.on(&mut tx), LOCK_TIMEOUT).await?;
    let schema = schema(pool.on(&mut tx)).await?;
    run(pool.on(&mut tx), create(&schema, slot)).await?;
    run(
        pool.on(&mut tx),
        format!("ALTER TABLE {schema}.outbox_log ATTACH PARTITION {schema}.outbox_log_{slot} FOR VALUES IN ({slot})"),
    )
    .await?;
    run(pool.on(&mut tx), format!("INSERT INTO {schema}.outbox_slot (slot) VALUES ({slot}) ON CONFLICT DO NOTHING"))
        .await?;
    tx.commit().await
}

/// The CHECK saves ATTACH from looking at rows.
fn create(schema: &str, slot: i16) -> String {
    format!(
        "CREATE TABLE {schema}.outbox_log_{slot} (
             LIKE {schema}.outbox_log INCLUDING DEFAULTS, PRIMARY KEY (position), CHECK (slot = {slot}))
         WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false)"
    )
}

/// The log's schema, quoted where it must be.
async fn schema(executor: impl PgExecutor<'_>) -> sqlx::Result<String> {
    sqlx::query_scalar(
        "SELECT relnamespace::regnamespace::text FROM pg_catalog.pg_class WHERE oid = 'outbox_log'::regclass",
    )
    .fetch_one(executor)
    .await
}

/// Transactions that have written to the log, or are about to.
pub(super) async fn writers(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT DISTINCT virtualtransaction FROM pg_catalog.pg_locks
         WHERE locktype = 'relation' AND relation = 'outbox_log'::regclass AND mode = 'RowExclusiveLock'
           AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())",
    )
    .fetch_all(executor)
    .await
}
