//! Migrations of SQLite: BEGIN IMMEDIATE lets one process in at a time (T20).

use sqlx::{Sqlite, SqliteExecutor, SqlitePool};

use super::plan::{self, Applied, Step, TABLES};
use super::{Migrate, MigrateError, MigrateOptions, Migration};
use crate::store::StoreError;

static MIGRATIONS: [Migration; 1] =
    [Migration { version: 1, name: "outbox", sql: include_str!("../../migrations/sqlite/0001_outbox.sql") }];

impl Migrate for Sqlite {
    async fn migrate(pool: SqlitePool, _: MigrateOptions) -> Result<(), MigrateError> {
        while step(&pool).await? {}
        Ok(())
    }

    async fn check(pool: &SqlitePool) -> Result<(), StoreError> {
        touch_tables(pool).await.map_err(classify)?;
        // Tables made by hand have no migrations table.
        if !has_table(pool, "outbox_migrations").await? {
            return Ok(());
        }
        let found = version(pool).await?;
        let known = plan::newest(&MIGRATIONS);
        if found > known { Err(StoreError::NewerSchema { found, known }) } else { Ok(()) }
    }
}

/// One file, one transaction; whether there was one.
async fn step(pool: &SqlitePool) -> Result<bool, MigrateError> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    create_table(&mut *tx).await?;
    let applied = applied(&mut *tx).await?;
    let mut tables = [false; TABLES.len()];
    for (is_there, name) in tables.iter_mut().zip(TABLES) {
        *is_there = has_table(&mut *tx, name).await?;
    }
    let step = plan::next(&MIGRATIONS, &applied, tables)?;
    match step {
        Step::Done => {}
        Step::Adopt(file) => record(&mut *tx, file).await?,
        Step::Apply(file) => {
            sqlx::raw_sql(file.sql).execute(&mut *tx).await?;
            record(&mut *tx, file).await?;
        }
    }
    tx.commit().await?;
    Ok(!matches!(step, Step::Done))
}

fn classify(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(said) if said.message().contains("no such table: outbox_") => {
            StoreError::NotMigrated { source: error }
        }
        _ => StoreError::Database(error),
    }
}

async fn create_table(executor: impl SqliteExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "CREATE TABLE IF NOT EXISTS outbox_migrations (
             version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL DEFAULT '',
             applied_at REAL NOT NULL DEFAULT (unixepoch('subsec'))) STRICT",
    )
    .execute(executor)
    .await
    .map(drop)
}

async fn applied(executor: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<Applied>> {
    sqlx::query_as("SELECT version, checksum FROM outbox_migrations ORDER BY version").fetch_all(executor).await
}

/// Newest version applied; 0 when there is none.
async fn version(executor: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM outbox_migrations").fetch_one(executor).await
}

async fn has_table(executor: impl SqliteExecutor<'_>, name: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?)")
        .bind(name)
        .fetch_one(executor)
        .await
}

/// Fails with the database's own error where a table is missing.
async fn touch_tables(executor: impl SqliteExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query("SELECT 1 FROM outbox_log, outbox_cursor, outbox_parked LIMIT 0").execute(executor).await.map(drop)
}

async fn record(executor: impl SqliteExecutor<'_>, migration: &Migration) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO outbox_migrations (version, name, checksum) VALUES (?, ?, ?)")
        .bind(migration.version)
        .bind(migration.name)
        .bind(plan::checksum(migration.sql))
        .execute(executor)
        .await
        .map(drop)
}
