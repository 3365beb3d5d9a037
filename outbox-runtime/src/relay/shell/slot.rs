//! The sink, which is away while it asks for a topic or makes a new producer: both are driven to their end in a task,
//! however often the loop is woken meanwhile.

use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::{JoinError, JoinHandle};

use crate::sink::{Class, Delivery, Sink, SinkError, TopicInfo};

/// A sink, or the task that has it.
pub(super) enum Slot<K> {
    Ready(K),
    Asking(JoinHandle<(K, Result<TopicInfo, SinkError>)>),
    Rebuilding(JoinHandle<(K, Result<(), SinkError>)>),
    /// Its task panicked.
    Gone,
}

/// What came out of the sink.
pub(super) enum SinkEvent {
    Topic(Result<TopicInfo, SinkError>),
    Deliveries,
    Rebuilt(Result<(), SinkError>),
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

    /// Starts a rebuild; a question under way is let finish first, and its answer dropped.
    pub(super) fn rebuild(&mut self) {
        *self = match std::mem::replace(self, Self::Gone) {
            Self::Ready(mut sink) => Self::Rebuilding(tokio::spawn(async move {
                let result = sink.rebuild().await;
                (sink, result)
            })),
            Self::Asking(task) => Self::Rebuilding(tokio::spawn(async move {
                let (mut sink, _) = match task.await {
                    Ok(back) => back,
                    Err(error) => std::panic::resume_unwind(error.into_panic()),
                };
                let result = sink.rebuild().await;
                (sink, result)
            })),
            other => other,
        };
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
            Self::Asking(task) => {
                tokio::time::timeout(patience, task).await.ok().and_then(Result::ok).map(|back| back.0)
            }
            Self::Rebuilding(task) => {
                tokio::time::timeout(patience, task).await.ok().and_then(Result::ok).map(|back| back.0)
            }
            Self::Gone => None,
        };
        if let Some(sink) = sink {
            sink.close().await;
        }
    }
}
