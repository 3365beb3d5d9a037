//! A database of its own for each test, with one table of state beside the outbox.

use outbox::Event;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};
use tempfile::TempDir;

pub(crate) const STATE: &str = "INSERT INTO state (id) VALUES (?1)";

#[derive(serde::Serialize, Event)]
#[event(name = "test.changed", version = 1, topic = "test", key = id)]
pub(crate) struct Changed {
    pub(crate) id: i64,
}

/// Fails to encode: JSON has no keys that are lists.
#[derive(serde::Serialize, Event)]
#[event(name = "test.broken", version = 1, topic = "test")]
pub(crate) struct Broken {
    pub(crate) map: std::collections::BTreeMap<Vec<i64>, i64>,
}

pub(crate) fn broken() -> Broken {
    Broken { map: [(vec![1], 1)].into() }
}

/// The pool, and the directory that has to outlive it.
pub(crate) struct Db {
    pub(crate) pool: SqlitePool,
    _directory: TempDir,
}

pub(crate) async fn db() -> Db {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let options = SqliteConnectOptions::new()
        .filename(directory.path().join("test.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    let pool = SqlitePoolOptions::new().max_connections(2).connect_with(options).await.expect("a database");
    outbox::migrate(&pool).await.expect("migrations");
    sqlx::query("CREATE TABLE state (id INTEGER PRIMARY KEY)").execute(&pool).await.expect("a table");
    Db { pool, _directory: directory }
}

impl Db {
    /// Rows of state, and events.
    pub(crate) async fn counts(&self) -> (i64, i64) {
        sqlx::query_as("SELECT (SELECT count(*) FROM state), (SELECT count(*) FROM outbox_log)")
            .fetch_one(&self.pool)
            .await
            .expect("counts")
    }

    /// Keys of the events in the order of the log.
    pub(crate) async fn keys(&self) -> Vec<i64> {
        sqlx::query_scalar("SELECT CAST(CAST(key AS TEXT) AS INTEGER) FROM outbox_log ORDER BY position")
            .fetch_all(&self.pool)
            .await
            .expect("keys")
    }
}
