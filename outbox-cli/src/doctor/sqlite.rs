//! What a SQLite file can have.

use outbox_runtime::migrate::check_schema;
use outbox_runtime::store::StoreError;
use sqlx::{Sqlite, SqliteExecutor, SqlitePool};

use super::finding::Finding;

/// Whether there are tables to look at.
pub(super) async fn examine(pool: &SqlitePool, findings: &mut Vec<Finding>) -> bool {
    if let Err(error) = check_schema::<Sqlite>(pool).await {
        findings.push(schema(&error));
        return false;
    }
    match journal_mode(pool).await {
        Ok(mode) if mode == "wal" => {}
        Ok(mode) => findings.push(Finding::warning(
            "OBX-156",
            format!("the journal mode is `{mode}`: the relay's reads and the handlers' writes stop each other"),
            "`PRAGMA journal_mode = WAL` once; it stays with the file",
        )),
        Err(error) => findings.push(Finding::unknown("the journal mode", &error)),
    }
    match definition(pool).await {
        Ok(Some(sql)) if sql.to_uppercase().contains("AUTOINCREMENT") => {}
        Ok(_) => findings.push(Finding::error(
            "OBX-143",
            "outbox_log.position is not AUTOINCREMENT: positions of removed rows are used again, and their events never published",
            "make the table as in `0001_outbox.sql`, and copy its rows",
        )),
        Err(error) => findings.push(Finding::unknown("the definition of outbox_log", &error)),
    }
    true
}

/// Tables that are missing, or newer than this program.
pub(super) fn schema(error: &StoreError) -> Finding {
    match error {
        StoreError::NotMigrated { .. } => Finding::error(
            "OBX-123",
            "the outbox tables are missing in this database",
            "run `outbox migrate`, or correct the URL",
        ),
        StoreError::NewerSchema { found, known } => Finding::error(
            "OBX-124",
            format!("the outbox tables are of version {found}, this program knows versions up to {known}"),
            "update this program",
        ),
        other => Finding::unknown("the version of the tables", other),
    }
}

async fn journal_mode(executor: impl SqliteExecutor<'_>) -> sqlx::Result<String> {
    sqlx::query_scalar("SELECT journal_mode FROM pragma_journal_mode").fetch_one(executor).await
}

async fn definition(executor: impl SqliteExecutor<'_>) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'outbox_log'")
        .fetch_optional(executor)
        .await
}

/// Topics of the newest records, and of those beside the log; a bounded number.
pub(super) async fn topics(executor: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT DISTINCT topic FROM (
             SELECT * FROM (SELECT topic FROM outbox_log ORDER BY position DESC LIMIT 10000)
             UNION ALL SELECT * FROM (SELECT topic FROM outbox_parked ORDER BY position LIMIT 1000)
             UNION ALL SELECT * FROM (SELECT topic FROM outbox_delayed ORDER BY due LIMIT 1000))
         LIMIT 50",
    )
    .fetch_all(executor)
    .await
}
