//! Migrations of PostgreSQL: one at a time under an advisory lock of the transaction, in the current schema.
//!
//! A named schema is made the current one for the transaction, so that the files are the same wherever they go. No statement
//! has a name on the server: nothing here runs twice, and a transaction pooler may sit in between (T22).

use sqlx::{AssertSqlSafe, PgExecutor, PgPool, Postgres};

use super::plan::{self, Applied, Step, TABLES};
use super::{Migrate, MigrateError, Migration};
use crate::Ident;
use crate::store::StoreError;

static MIGRATIONS: [Migration; 1] =
    [Migration { version: 1, name: "outbox", sql: include_str!("../../migrations/postgres/0001_outbox.sql") }];

/// Any number that no other program locks: "outbox" in ASCII.
const LOCK: i64 = 0x6f75_7462_6f78;
/// SQLSTATE of a missing table.
const UNDEFINED_TABLE: &str = "42P01";
/// Whatever the database's default: a snapshot taken before the lock would not see what its last holder did.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

impl Migrate for Postgres {
    async fn migrate(pool: PgPool) -> Result<(), MigrateError> {
        migrate(&pool, None).await
    }

    async fn check(pool: &PgPool) -> Result<(), StoreError> {
        check(pool).await
    }
}

/// In `schema`, or in the current one.
pub(super) async fn migrate(pool: &PgPool, schema: Option<&Ident>) -> Result<(), MigrateError> {
    while step(pool, schema).await? {}
    Ok(())
}

/// As [`Migrate::check`], for a log wherever it is.
pub(crate) async fn check<'e>(executor: impl PgExecutor<'e> + Copy) -> Result<(), StoreError> {
    touch_tables(executor).await.map_err(classify)?;
    // Tables made by hand have no migrations table.
    if !is_recorded(executor).await.map_err(classify)? {
        return Ok(());
    }
    let found = version(executor).await.map_err(classify)?;
    let known = plan::newest(&MIGRATIONS);
    if found > known { Err(StoreError::NewerSchema { found, known }) } else { Ok(()) }
}

/// One file, one transaction; whether there was one.
async fn step(pool: &PgPool, schema: Option<&Ident>) -> Result<bool, MigrateError> {
    let mut tx = pool.begin_with(BEGIN).await?;
    lock(&mut *tx).await?;
    if let Some(schema) = schema {
        if !has_schema(&mut *tx, schema).await? {
            create_schema(&mut *tx, schema).await?;
        }
        enter(&mut *tx, schema).await?;
    }
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
    let code = error.as_database_error().and_then(|error| error.code());
    if code.is_some_and(|code| code == UNDEFINED_TABLE) {
        StoreError::NotMigrated { source: error }
    } else {
        StoreError::Database(error)
    }
}

async fn lock(executor: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).persistent(false).execute(executor).await.map(drop)
}

/// Asked first: CREATE SCHEMA needs a right on the database, which whoever may use an existing schema need not have.
async fn has_schema(executor: impl PgExecutor<'_>, schema: &Ident) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)")
        .bind(schema.as_str())
        .persistent(false)
        .fetch_one(executor)
        .await
}

async fn create_schema(executor: impl PgExecutor<'_>, schema: &Ident) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA \"{schema}\""))).execute(executor).await.map(drop)
}

/// For the rest of the transaction.
async fn enter(executor: impl PgExecutor<'_>, schema: &Ident) -> sqlx::Result<()> {
    sqlx::query("SELECT set_config('search_path', $1, true)")
        .bind(format!("\"{schema}\""))
        .persistent(false)
        .execute(executor)
        .await
        .map(drop)
}

async fn create_table(executor: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "CREATE TABLE IF NOT EXISTS outbox_migrations (
             version bigint PRIMARY KEY, name text NOT NULL, checksum text NOT NULL DEFAULT '',
             applied_at timestamptz NOT NULL DEFAULT now())",
    )
    .persistent(false)
    .execute(executor)
    .await
    .map(drop)
}

async fn applied(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<Applied>> {
    sqlx::query_as("SELECT version, checksum FROM outbox_migrations ORDER BY version")
        .persistent(false)
        .fetch_all(executor)
        .await
}

/// Newest version applied; 0 when there is none.
async fn version(executor: impl PgExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM outbox_migrations").fetch_one(executor).await
}

/// In the current schema only: further down the search path lies another log, of `public` for example.
async fn has_table(executor: impl PgExecutor<'_>, name: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                        WHERE c.relname = $1 AND n.nspname = current_schema())",
    )
    .bind(name)
    .persistent(false)
    .fetch_one(executor)
    .await
}

/// Whether the log in the search path has a migrations table beside it, and not only another log further down.
async fn is_recorded(executor: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_class m JOIN pg_catalog.pg_class l USING (relnamespace)
                        WHERE m.oid = to_regclass('outbox_migrations') AND l.oid = to_regclass('outbox_log'))",
    )
    .fetch_one(executor)
    .await
}

/// Fails with the database's own error where a table is missing. Not the UNLOGGED one: a standby refuses to read that.
async fn touch_tables(executor: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query("SELECT FROM outbox_log, outbox_cursor, outbox_parked, outbox_delayed LIMIT 0")
        .execute(executor)
        .await
        .map(drop)
}

async fn record(executor: impl PgExecutor<'_>, migration: &Migration) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO outbox_migrations (version, name, checksum) VALUES ($1, $2, $3)")
        .bind(migration.version)
        .bind(migration.name)
        .bind(plan::checksum(migration.sql))
        .persistent(false)
        .execute(executor)
        .await
        .map(drop)
}
