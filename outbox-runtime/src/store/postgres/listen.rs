//! Hints from other processes: LISTEN on a connection of its own, whose loss costs nothing but the time to the next poll.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sqlx::PgExecutor;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::sync::{Mutex, broadcast};
use tokio::task::AbortHandle;

use crate::qualify::LogPool;

const CHANNEL: &str = "outbox";
/// Hints kept for a store that does not wait right now; older ones are worth as much as one.
const HINTS_KEPT: usize = 16;
/// Before another try to connect.
const PAUSE: Duration = Duration::from_secs(1);

/// Every log may have something to read: a hint was lost, or its log is not known.
const ANY: u32 = 0;

/// One connection that hears of commits in other processes, for any number of stores on one database:
/// [`PostgresStoreBuilder::listener`](super::PostgresStoreBuilder::listener). The services have an
/// [`Announcer`](crate::wake::Announcer).
///
/// A hint: relays poll, with or without it. Where the connection goes through a transaction pooler, nothing is heard, and
/// nothing else happens; give it the server's own address. Ends with its last clone.
#[derive(Debug, Clone)]
pub struct Listener {
    hints: broadcast::Sender<u32>,
    _task: Arc<Task>,
}

#[derive(Debug)]
struct Task(AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Listener {
    /// Starts to listen on the database of `options`; it may come later, and go.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(options: PgConnectOptions) -> Self {
        let (hints, _) = broadcast::channel(HINTS_KEPT);
        let task = tokio::spawn(listen(options, hints.clone())).abort_handle();
        Self { hints, _task: Arc::new(Task(task)) }
    }
}

async fn listen(options: PgConnectOptions, hints: broadcast::Sender<u32>) {
    let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None).connect_lazy_with(options);
    loop {
        if let Err(error) = hear(&pool, &hints).await {
            tracing::debug!(%error, "the connection that listens for commits is gone; relays poll until it is back");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Hands hints on until the connection breaks.
async fn hear(pool: &sqlx::PgPool, hints: &broadcast::Sender<u32>) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        // What came while nobody listened, and what has no number, is for all. Nobody may be waiting at all.
        let hint = listener.try_recv().await?;
        let log = hint.and_then(|hint| hint.payload().parse().ok()).unwrap_or(ANY);
        let _ = hints.send(log);
    }
}

/// One store's view of a [`Listener`].
#[derive(Debug)]
pub(super) struct Hints {
    receiver: Mutex<broadcast::Receiver<u32>>,
    /// The number of its log.
    log: AtomicU32,
    _listener: Listener,
}

impl Hints {
    pub(super) fn of(listener: &Listener) -> Self {
        let receiver = Mutex::new(listener.hints.subscribe());
        Self { receiver, log: AtomicU32::new(ANY), _listener: listener.clone() }
    }

    /// Finds out which log to listen for; for any, if the database does not say.
    pub(super) async fn locate(&self, pool: &LogPool) {
        let number = number(pool).await.ok().flatten();
        self.log.store(number.and_then(|number| u32::try_from(number).ok()).unwrap_or(ANY), Ordering::Relaxed);
    }

    /// Returns at a hint for this log. Cancel-safe: a hint that came is taken, and its poll follows, or is still there.
    pub(super) async fn wait(&self) {
        let mut receiver = self.receiver.lock().await;
        loop {
            let mine = self.log.load(Ordering::Relaxed);
            match receiver.recv().await {
                Ok(log) if log != ANY && mine != ANY && log != mine => {}
                Ok(_) => break,
                Err(broadcast::error::RecvError::Lagged(_)) => break,
                // The listener is ours: its sender lives.
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
        // One poll answers all that came so far.
        while !matches!(
            receiver.try_recv(),
            Err(broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed)
        ) {}
    }
}

async fn number(executor: impl PgExecutor<'_>) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar("SELECT to_regclass('outbox_log')::oid::bigint").fetch_one(executor).await
}
