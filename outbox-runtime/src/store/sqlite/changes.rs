//! Noticing commits: `PRAGMA data_version` for other processes, the wake-up of [`wake`](crate::wake) for this one.
//!
//! The pragma's value is only comparable on one connection, so there is one beside the pool. Any commit changes it, also a
//! settle of this relay: that costs an empty read.

use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, SqliteExecutor};
use tokio::sync::{Mutex, watch};

use super::error::classify;
use crate::store::StoreError;
use crate::wake;

/// Between two looks; one costs some µs.
const POLL: Duration = Duration::from_millis(10);

/// What had been committed when the rows were read last.
#[derive(Debug)]
pub(super) struct Changes {
    options: Arc<SqliteConnectOptions>,
    watcher: Mutex<Watcher>,
    /// Has seen the commits of this process up to the last read.
    commits: Mutex<watch::Receiver<u64>>,
}

#[derive(Debug, Default)]
struct Watcher {
    /// Opened when first needed, and again after an error.
    connection: Option<SqliteConnection>,
    /// Of this connection, before the rows were read; `None` when they were read before it was opened.
    noted: Option<i64>,
}

impl Changes {
    pub(super) fn new(options: Arc<SqliteConnectOptions>) -> Self {
        Self { options, watcher: Mutex::default(), commits: Mutex::new(wake::subscribe()) }
    }

    /// Remembers what is committed now. To be called before the rows are read.
    pub(super) async fn note(&self) -> Result<(), StoreError> {
        self.commits.lock().await.borrow_and_update();
        let mut watcher = self.watcher.lock().await;
        let version = watcher.look(&self.options).await.map_err(classify)?;
        watcher.noted = Some(version);
        Ok(())
    }

    /// Returns when something was committed after the last [`note`](Self::note). Cancel-safe.
    pub(super) async fn wait(&self) {
        // The copy has seen what the original has.
        let mut commits = self.commits.lock().await.clone();
        tokio::select! {
            () = self.poll() => {}
            Ok(()) = commits.changed() => {}
        }
    }

    async fn poll(&self) {
        loop {
            match self.is_changed().await {
                Ok(true) => return,
                Ok(false) => {}
                // A hint may stay away: the relay polls, and its read says what is wrong.
                Err(error) => tracing::debug!(%error, "SQLite's data_version could not be read"),
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn is_changed(&self) -> sqlx::Result<bool> {
        let mut watcher = self.watcher.lock().await;
        let version = watcher.look(&self.options).await?;
        Ok(watcher.noted != Some(version))
    }
}

impl Watcher {
    async fn look(&mut self, options: &SqliteConnectOptions) -> sqlx::Result<i64> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            empty => {
                self.noted = None;
                empty.insert(options.connect().await?)
            }
        };
        let version = data_version(connection).await;
        if version.is_err() {
            self.connection = None;
        }
        version
    }
}

async fn data_version(executor: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("PRAGMA data_version").fetch_one(executor).await
}
