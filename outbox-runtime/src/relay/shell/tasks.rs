//! Store operations, each driven to its end in a task of its own, so that reading, publishing and settling overlap.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use uuid::Uuid;

use crate::relay::machine::Seq;
use crate::store::{Acquired, Commands, Lease, Loaded, Page, Position, Recovered, Settle, Store, StoreError};

/// What a store operation gave.
pub(super) enum Done<C> {
    Acquired { started: Duration, result: Result<Acquired, StoreError> },
    Loaded(Result<Loaded<C>, StoreError>),
    Recovered(Result<Recovered<C>, StoreError>),
    Read(Result<Page<C>, StoreError>),
    Settled(Result<(), StoreError>),
    Renewed { started: Duration, result: Result<(), StoreError> },
    Released(Result<(), StoreError>),
    Room(Result<u64, StoreError>),
    Moved(Result<u64, StoreError>),
    Commands(Result<Commands, StoreError>),
    Skipped { seq: Seq, result: Result<bool, StoreError> },
}

impl<C> Done<C> {
    /// Whether the database did it.
    pub(super) fn is_ok(&self) -> bool {
        match self {
            Self::Acquired { result, .. } => result.is_ok(),
            Self::Loaded(result) => result.is_ok(),
            Self::Recovered(result) => result.is_ok(),
            Self::Read(result) => result.is_ok(),
            Self::Settled(result) | Self::Renewed { result, .. } | Self::Released(result) => result.is_ok(),
            Self::Room(result) | Self::Moved(result) => result.is_ok(),
            Self::Commands(result) => result.is_ok(),
            Self::Skipped { result, .. } => result.is_ok(),
        }
    }
}

/// Running operations. Answers carry the generation they belong to: a fence starts a new one.
pub(super) struct Tasks<S: Store> {
    store: Arc<S>,
    set: JoinSet<(u64, Done<S::Cursor>)>,
    patience: Duration,
    pub(super) generation: u64,
}

impl<S: Store> Tasks<S> {
    /// `patience`: an operation without an answer for so long is given up.
    pub(super) fn new(store: S, patience: Duration) -> Self {
        Self { store: Arc::new(store), set: JoinSet::new(), patience, generation: 0 }
    }

    pub(super) fn store(&self) -> Arc<S> {
        Arc::clone(&self.store)
    }

    /// The next answer of this generation; pending while nothing runs. Cancel-safe.
    ///
    /// # Errors
    /// What the runtime said when the task panicked.
    pub(super) async fn next(&mut self) -> Result<Done<S::Cursor>, String> {
        loop {
            match self.set.join_next().await {
                Some(Ok((generation, done))) if generation == self.generation => return Ok(done),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.to_string()),
                None => std::future::pending().await,
            }
        }
    }

    /// Waits for what still runs.
    pub(super) async fn finish(&mut self) {
        while self.set.join_next().await.is_some() {}
    }

    pub(super) fn acquire(&mut self, started: Duration, owner: Uuid, duration: Duration) {
        self.start(
            |store| async move { store.acquire(owner, duration).await },
            move |result| Done::Acquired { started, result },
        );
    }

    pub(super) fn load(&mut self, lease: Lease) {
        self.start(|store| async move { store.load(&lease).await }, Done::Loaded);
    }

    pub(super) fn recover(&mut self, lease: Lease, position: Option<Position<S::Cursor>>) {
        self.start(|store| async move { store.recover(&lease, position.as_ref()).await }, Done::Recovered);
    }

    pub(super) fn read(&mut self, lease: Lease, cursor: S::Cursor, limit: usize) {
        self.start(|store| async move { store.read(&lease, &cursor, limit).await }, Done::Read);
    }

    pub(super) fn settle(&mut self, lease: Lease, settle: Settle<S::Cursor>) {
        self.start(|store| async move { store.settle(&lease, settle).await }, Done::Settled);
    }

    pub(super) fn prepare(&mut self, lease: Lease, settle: Settle<S::Cursor>, transaction: Option<i64>) {
        self.start(|store| async move { store.prepare(&lease, settle, transaction).await }, Done::Settled);
    }

    pub(super) fn renew(&mut self, started: Duration, lease: Lease, duration: Duration) {
        self.start(
            |store| async move { store.renew(&lease, duration).await },
            move |result| Done::Renewed { started, result },
        );
    }

    pub(super) fn release(&mut self, lease: Lease) {
        self.start(|store| async move { store.release(&lease).await }, Done::Released);
    }

    /// A relay that ends by itself leaves the log to the others at once, where the database answers.
    pub(super) async fn give_back(&self, lease: &Lease, within: Duration) {
        match tokio::time::timeout(within, self.store.release(lease)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the lease could not be given back; it ends by itself"),
            Err(_) => tracing::warn!("the lease could not be given back in time; it ends by itself"),
        }
    }

    pub(super) fn make_room(&mut self, lease: Lease) {
        self.start(|store| async move { store.make_room(&lease).await }, Done::Room);
    }

    pub(super) fn move_due(&mut self, lease: Lease) {
        self.start(|store| async move { store.move_due(&lease).await }, Done::Moved);
    }

    pub(super) fn take_commands(&mut self, lease: Lease) {
        self.start(|store| async move { store.take_commands(&lease).await }, Done::Commands);
    }

    pub(super) fn skip(&mut self, lease: Lease, seq: Seq, position: i64) {
        self.start(
            move |store| async move { store.skip(&lease, position).await },
            move |result| Done::Skipped { seq, result },
        );
    }

    /// Starts `operation`; its answer comes out of [`Tasks::next`] as `done` names it.
    fn start<T, F>(
        &mut self,
        operation: impl FnOnce(Arc<S>) -> F,
        done: impl FnOnce(Result<T, StoreError>) -> Done<S::Cursor> + Send + 'static,
    ) where
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let (operation, generation, patience) = (operation(self.store()), self.generation, self.patience);
        self.set.spawn(async move { (generation, done(answer(patience, operation).await)) });
    }
}

/// What `operation` gives, or that the database is silent: a connection that the network has lost is never closed, and
/// without an end here the relay would wait for it for ever.
async fn answer<T>(
    patience: Duration,
    operation: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let answered = tokio::time::timeout(patience, operation).await;
    answered.unwrap_or(Err(StoreError::Silent { patience }))
}
