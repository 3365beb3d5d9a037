//! Wake-up across processes: a NOTIFY after the commit, never in the user's transaction, where it would take one global lock
//! through the commit (T15).

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, PgExecutor, PgPool};
use tokio::task::AbortHandle;

use crate::Ident;
use crate::qualify::{Names, On};

/// Commits within this time are told together.
const DEBOUNCE: Duration = Duration::from_millis(10);
/// After a failure; relays poll meanwhile.
const PAUSE: Duration = Duration::from_secs(1);

/// Tells relays of other processes that this one has committed events, so that they look at once instead of at their next
/// poll: they have a [`Listener`](crate::store::Listener). A hint; nothing depends on it.
///
/// It has one connection of its own, which may go through a pooler, and sends at most one NOTIFY in 10 ms for each log.
/// Commits of handlers that open their transaction are seen; after others call [`notify`](super::notify). Dropped, it stops.
#[derive(Debug)]
pub struct Announcer {
    task: AbortHandle,
}

impl Announcer {
    /// Starts to tell about the log in the search path of `pool`.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(pool: &PgPool) -> Self {
        Self::spawn(pool, vec![Names::default()])
    }

    /// The same about the logs in `schemas`.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn of_schemas(pool: &PgPool, schemas: impl IntoIterator<Item = Ident>) -> Self {
        Self::spawn(pool, schemas.into_iter().map(|schema| Names::new(Some(schema))).collect())
    }

    fn spawn(pool: &PgPool, logs: Vec<Names>) -> Self {
        let options = (*pool.connect_options()).clone();
        Self { task: tokio::spawn(announce(options, logs)).abort_handle() }
    }
}

impl Drop for Announcer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn announce(options: PgConnectOptions, logs: Vec<Names>) {
    let mut commits = super::subscribe();
    let mut connection = None;
    while commits.changed().await.is_ok() {
        let told = tell(&options, &mut connection, &logs).await;
        if let Err(error) = &told {
            tracing::debug!(%error, "relays of other processes could not be woken; they poll");
            connection = None;
        }
        tokio::time::sleep(if told.is_ok() { DEBOUNCE } else { PAUSE }).await;
    }
}

async fn tell(
    options: &PgConnectOptions,
    connection: &mut Option<PgConnection>,
    logs: &[Names],
) -> Result<(), sqlx::Error> {
    let conn = match connection {
        Some(conn) => conn,
        None => connection.insert(PgConnection::connect_with(options).await?),
    };
    for names in logs {
        notify(On { conn, names, unprepared: true }).await?;
    }
    Ok(())
}

/// One message without a prepared statement, for transaction poolers. A log is known by the number of its table.
async fn notify(executor: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::raw_sql("SELECT pg_notify('outbox', coalesce(to_regclass('outbox_log')::oid::text, ''))")
        .execute(executor)
        .await
        .map(drop)
}
