//! The SQLite store under the suite: a file in a directory of its own, in WAL mode.

use outbox_runtime::Record;
use outbox_runtime::migrate::migrate;
use outbox_runtime::store::SqliteStore;
use outbox_runtime::transaction::Database as _;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use tempfile::TempDir;

use crate::conformance::{conformance, conformance_of_tables, conformance_of_waiting};
use crate::harness::{Harness, Tables};

pub(crate) struct Sqlite {
    pub(crate) pool: SqlitePool,
    pub(crate) options: SqliteConnectOptions,
    directory: TempDir,
}

conformance!(Sqlite);
conformance_of_tables!(Sqlite);
conformance_of_waiting!(Sqlite);

impl Harness for Sqlite {
    type Store = SqliteStore;

    async fn new() -> Self {
        let sqlite = Self::empty().await;
        migrate(&sqlite.pool).await.expect("an empty file can be migrated");
        sqlite
    }

    fn store(&self) -> SqliteStore {
        SqliteStore::new(self.pool.clone())
    }

    async fn append(&self, records: Vec<Record>) {
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await.expect("a transaction");
        sqlx::Sqlite::insert(&mut tx, &records).await.expect("an insert");
        tx.commit().await.expect("a commit");
    }

    async fn rows(&self) -> usize {
        let rows: i64 =
            sqlx::query_scalar("SELECT count(*) FROM outbox_log").fetch_one(&self.pool).await.expect("a count");
        usize::try_from(rows).expect("a count")
    }

    async fn skipped(&self) -> Vec<i64> {
        let positions = sqlx::query_scalar("SELECT position FROM outbox_skipped ORDER BY position");
        positions.fetch_all(&self.pool).await.expect("an audit")
    }

    async fn finish(self) {
        self.pool.close().await;
        self.directory.close().expect("the directory can be removed");
    }
}

impl Tables for Sqlite {
    async fn empty() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let options = SqliteConnectOptions::new()
            .filename(directory.path().join("outbox.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        let pool = SqlitePool::connect_with(options.clone()).await.expect("a file");
        Self { pool, options, directory }
    }

    async fn migrated_by_a_newer_version(&self) {
        sqlx::query("INSERT INTO outbox_migrations (version, name) VALUES (9999, 'future')")
            .execute(&self.pool)
            .await
            .expect("a migrations table");
    }
}
