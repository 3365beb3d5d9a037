//! What a broker can say, in five classes.

/// What the relay does about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The same message may succeed right away.
    Retry,
    /// This message can never be published: too large, invalid.
    Park,
    /// The broker or the credentials are the matter, not the message: wait, attempts are not counted.
    Outage,
    /// This topic is the matter: it is missing, or closed to us. Others flow; its records wait, attempts are not counted.
    Topic,
    /// The producer is unusable: rebuild it.
    Fatal,
}

impl Class {
    /// As it is logged, and as a label of metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Park => "park",
            Self::Outage => "outage",
            Self::Topic => "topic",
            Self::Fatal => "fatal",
        }
    }
}

/// An error of a [`Sink`](super::Sink).
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct SinkError {
    /// What to do about it.
    pub class: Class,
    /// What happened, where, and what to do next.
    pub message: String,
}

impl SinkError {
    /// Makes an error.
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self { class, message: message.into() }
    }
}
