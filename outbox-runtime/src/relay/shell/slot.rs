//! The sink, which is away while it asks for a topic, makes a new producer or commits: all are driven to their end in a task,
//! however often the loop is woken meanwhile.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::task::{JoinError, JoinHandle};

use super::transactions::Back;

use crate::sink::{Class, Delivery, Sink, SinkError, TopicInfo};

type Task<K, T> = JoinHandle<(K, Result<T, SinkError>)>;

/// A sink, or the task that has it.
pub(super) enum Slot<K> {
    Ready(K),
    Asking(Task<K, TopicInfo>),
    Rebuilding(Task<K, ()>),
    /// Exactly-once: reads the position.
    Positioning(Task<K, Option<Vec<u8>>>),
    /// Exactly-once: commits.
    Committing(Task<K, ()>),
    /// Its task panicked.
    Gone,
}

/// What came out of the sink.
pub(super) enum SinkEvent {
    Topic(Result<TopicInfo, SinkError>),
    Deliveries,
    Rebuilt(Result<(), SinkError>),
    Position(Result<Option<Vec<u8>>, SinkError>),
    Committed(Result<(), SinkError>),
}

impl<K: Sink> Slot<K> {
    /// Waits for deliveries when something is in flight, or for the task that has the sink. Cancel-safe.
    pub(super) async fn next(&mut self, in_flight: bool, into: &mut Vec<Delivery>) -> SinkEvent {
        match self {
            Self::Ready(sink) if in_flight => {
                sink.deliveries(into).await;
                SinkEvent::Deliveries
            }
            Self::Asking(task) => {
                let joined = task.await;
                SinkEvent::Topic(self.back(joined))
            }
            Self::Rebuilding(task) => {
                let joined = task.await;
                SinkEvent::Rebuilt(self.back(joined))
            }
            Self::Positioning(task) => {
                let joined = task.await;
                SinkEvent::Position(self.back(joined))
            }
            Self::Committing(task) => {
                let joined = task.await;
                SinkEvent::Committed(self.back(joined))
            }
            Self::Ready(_) | Self::Gone => std::future::pending().await,
        }
    }

    fn back<T>(&mut self, joined: Result<(K, Result<T, SinkError>), JoinError>) -> Result<T, SinkError> {
        match joined {
            Ok((sink, result)) => {
                *self = Self::Ready(sink);
                result
            }
            Err(error) => {
                *self = Self::Gone;
                Err(SinkError::new(Class::Fatal, error.to_string()))
            }
        }
    }

    /// Asks for a topic: what the sink has in its cache comes back at once, anything else by [`Slot::next`].
    pub(super) fn ask(&mut self, topic: &str) -> Option<Result<TopicInfo, SinkError>> {
        let Self::Ready(sink) = self else { return None };
        if let Some(cached) = sink.topic(topic).now_or_never() {
            return Some(cached);
        }
        if let Self::Ready(mut sink) = std::mem::replace(self, Self::Gone) {
            let topic = topic.to_owned();
            *self = Self::Asking(tokio::spawn(async move {
                let result = sink.topic(&topic).await;
                (sink, result)
            }));
        }
        None
    }

    /// Starts a rebuild.
    pub(super) fn rebuild(&mut self) {
        self.rebuild_by(|mut sink| {
            Box::pin(async move {
                let result = sink.rebuild().await;
                (sink, result)
            })
        });
    }

    /// Starts a rebuild of another kind.
    pub(super) fn rebuild_by(&mut self, rebuild: impl FnOnce(K) -> Back<K, ()> + Send + 'static) {
        if let Some(sink) = self.take() {
            *self = Self::Rebuilding(tokio::spawn(async move { rebuild(sink.await).await }));
        }
    }

    /// Starts to read a position.
    pub(super) fn position_by(&mut self, read: impl FnOnce(K) -> Back<K, Option<Vec<u8>>> + Send + 'static) {
        if let Some(sink) = self.take() {
            *self = Self::Positioning(tokio::spawn(async move { read(sink.await).await }));
        }
    }

    /// Starts a commit.
    pub(super) fn commit_by(&mut self, commit: impl FnOnce(K) -> Back<K, ()> + Send + 'static) {
        if let Some(sink) = self.take() {
            *self = Self::Committing(tokio::spawn(async move { commit(sink.await).await }));
        }
    }

    /// The sink, once what it does is done; the answer of that is dropped. `None`: a rebuild is under way already.
    fn take(&mut self) -> Option<BoxFuture<'static, K>> {
        match std::mem::replace(self, Self::Gone) {
            Self::Ready(sink) => Some(Box::pin(std::future::ready(sink))),
            Self::Asking(task) => Some(Box::pin(back(task))),
            Self::Positioning(task) => Some(Box::pin(back(task))),
            Self::Committing(task) => Some(Box::pin(back(task))),
            other => {
                *self = other;
                None
            }
        }
    }

    pub(super) fn is_ready(&self) -> bool {
        matches!(self, Self::Ready(_))
    }

    pub(super) fn is_gone(&self) -> bool {
        matches!(self, Self::Gone)
    }

    /// Closes the sink; one that is busy in a task is waited for only for a while.
    pub(super) async fn close(self, patience: Duration) {
        let sink = match self {
            Self::Ready(sink) => Some(sink),
            Self::Asking(task) => joined(patience, task).await,
            Self::Positioning(task) => joined(patience, task).await,
            Self::Committing(task) | Self::Rebuilding(task) => joined(patience, task).await,
            Self::Gone => None,
        };
        if let Some(sink) = sink {
            sink.close().await;
        }
    }
}

/// The sink of a task; a panic goes on.
async fn back<K, T>(task: Task<K, T>) -> K {
    match task.await {
        Ok((sink, _)) => sink,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

async fn joined<K, T>(patience: Duration, task: Task<K, T>) -> Option<K> {
    tokio::time::timeout(patience, task).await.ok().and_then(Result::ok).map(|back| back.0)
}
