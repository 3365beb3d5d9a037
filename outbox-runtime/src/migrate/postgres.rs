//! Migrations of PostgreSQL, one at a time under an advisory lock of the transaction.

use sqlx::{PgExecutor, PgPool, Postgres};

use super::{Migrate, MigrateError, Migration};
use crate::store::StoreError;

const MIGRATIONS: [Migration; 1] =
    [Migration { version: 1, name: "outbox", sql: include_str!("../../migrations/postgres/0001_outbox.sql") }];

/// Newest version of this program.
const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Any number that no other program locks: "outbox" in ASCII.
const LOCK: i64 = 0x6f75_7462_6f78;

impl Migrate for Postgres {
    async fn migrate(pool: PgPool) -> Result<(), MigrateError> {
        let mut tx = pool.begin().await?;
        lock(&mut *tx).await?;
        create_table(&mut *tx).await?;
        let mut found = version(&mut *tx).await?;
        let [first, ..] = &MIGRATIONS;
        if found == 0 && has_log(&mut *tx).await? {
            // Applied by hand from the file.
            record(&mut *tx, first).await?;
            found = 1;
        }
        if found > KNOWN {
            return Err(MigrateError::Newer { found, known: KNOWN });
        }
        for migration in MIGRATIONS.iter().filter(|migration| migration.version > found) {
            sqlx::raw_sql(migration.sql).execute(&mut *tx).await?;
            record(&mut *tx, migration).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn check(pool: &PgPool) -> Result<(), StoreError> {
        // Tables made by hand have no migrations table; what is missing then, the next statement says.
        if !has_table(pool, "outbox_migrations").await? {
            return Ok(());
        }
        let found = version(pool).await?;
        if found > KNOWN { Err(StoreError::NewerSchema { found, known: KNOWN }) } else { Ok(()) }
    }
}

async fn lock(executor: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(executor).await.map(drop)
}

async fn create_table(executor: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "CREATE TABLE IF NOT EXISTS outbox_migrations (
             version bigint PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())",
    )
    .execute(executor)
    .await
    .map(drop)
}

/// Newest version applied; 0 when there is none.
async fn version(executor: impl PgExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM outbox_migrations").fetch_one(executor).await
}

async fn has_log(executor: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    has_table(executor, "outbox_log").await
}

async fn has_table(executor: impl PgExecutor<'_>, name: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(name).fetch_one(executor).await
}

async fn record(executor: impl PgExecutor<'_>, migration: &Migration) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO outbox_migrations (version, name) VALUES ($1, $2)")
        .bind(migration.version)
        .bind(migration.name)
        .execute(executor)
        .await
        .map(drop)
}
