//! The sink, which is away while a new producer is made.

use std::time::Duration;

use tokio::task::JoinHandle;

use crate::sink::{Class, Delivery, Sink, SinkError, TopicInfo};

/// How long deliveries may wait for a topic, and a topic for deliveries.
const TURN: Duration = Duration::from_millis(500);

/// A sink, or the task that rebuilds it.
pub(super) enum Slot<K> {
    Ready(K),
    Rebuilding(JoinHandle<(K, Result<(), SinkError>)>),
    /// Its task panicked, or it is closed.
    Gone,
}

/// What came out of the sink.
pub(super) enum SinkEvent {
    Topic(Result<TopicInfo, SinkError>),
    Deliveries,
    Rebuilt(Result<(), SinkError>),
    Nothing,
}

impl<K: Sink> Slot<K> {
    /// Waits for the topic `wanted`, for deliveries when something is in flight, or for the new producer. Cancel-safe.
    pub(super) async fn next(
        &mut self,
        wanted: Option<&str>,
        in_flight: bool,
        topic_turn: bool,
        into: &mut Vec<Delivery>,
    ) -> SinkEvent {
        match self {
            Self::Ready(sink) => match wanted {
                Some(topic) if topic_turn || !in_flight => {
                    let asked = tokio::time::timeout(TURN, sink.topic(topic)).await;
                    asked.map_or(SinkEvent::Nothing, SinkEvent::Topic)
                }
                Some(_) => match tokio::time::timeout(TURN, sink.deliveries(into)).await {
                    Ok(()) => SinkEvent::Deliveries,
                    Err(_) => SinkEvent::Nothing,
                },
                None if in_flight => {
                    sink.deliveries(into).await;
                    SinkEvent::Deliveries
                }
                None => std::future::pending().await,
            },
            Self::Rebuilding(task) => match task.await {
                Ok((sink, result)) => {
                    *self = Self::Ready(sink);
                    SinkEvent::Rebuilt(result)
                }
                Err(error) => {
                    *self = Self::Gone;
                    SinkEvent::Rebuilt(Err(SinkError::new(Class::Fatal, error.to_string())))
                }
            },
            Self::Gone => std::future::pending().await,
        }
    }

    /// Starts a rebuild; it is driven to its end in a task.
    pub(super) fn rebuild(&mut self) {
        match std::mem::replace(self, Self::Gone) {
            Self::Ready(mut sink) => {
                *self = Self::Rebuilding(tokio::spawn(async move {
                    let result = sink.rebuild().await;
                    (sink, result)
                }));
            }
            other => *self = other,
        }
    }

    pub(super) fn is_gone(&self) -> bool {
        matches!(self, Self::Gone)
    }

    /// Closes the sink; one that is being rebuilt is waited for only for a while.
    pub(super) async fn close(self, patience: Duration) {
        match self {
            Self::Ready(sink) => sink.close().await,
            Self::Rebuilding(task) => {
                if let Ok(Ok((sink, _))) = tokio::time::timeout(patience, task).await {
                    sink.close().await;
                }
            }
            Self::Gone => {}
        }
    }
}
