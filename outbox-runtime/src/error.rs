//! What can go wrong in a handler: errors of `emit!`, begin and commit.
//!
//! They reach the user inside `sqlx::Error` (every handler's error type has `From<sqlx::Error>`); [`Error::find`] gets
//! them back out of any source chain.

use crate::event::BoxError;

/// An error of the writing side.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database said no, or could not be reached. Handed on as the plain `sqlx::Error` it is.
    #[error(transparent)]
    Database(sqlx::Error),

    /// There was no connection, so no transaction was opened and the body did not run.
    #[error("no transaction could be opened on {database}: {problem} [OBX-101]")]
    NoTransaction {
        /// Where the pool connects to.
        database: String,
        /// What is wrong, and what to do next.
        problem: &'static str,
        /// What the driver said.
        source: sqlx::Error,
    },

    /// The connection broke while COMMIT was under way: the state change and its events are both there, or neither is.
    #[error(
        "the outcome of COMMIT is unknown: the connection failed before the database answered; \
         the state change and its events are both stored or both not: read the state before you try again [OBX-102]"
    )]
    CommitUnknown {
        /// What the connection said.
        source: sqlx::Error,
    },

    /// A statement had failed, the handler returned `Ok` all the same, and the database had given the transaction up.
    #[error(
        "the transaction was aborted by an error that the handler swallowed ({first}); nothing was stored: \
         return that error, or run the statement in a savepoint (`tx.begin()`) [OBX-103]"
    )]
    Aborted {
        /// The first database error of the transaction.
        first: String,
    },

    /// An event could not be stored, and the handler returned `Ok` all the same.
    #[error(
        "an event could not be stored and the handler dropped the error ({first}); the transaction was rolled back [OBX-104]"
    )]
    EmitFailed {
        /// Why the insert failed.
        first: String,
    },

    /// The body ran a raw BEGIN, COMMIT or ROLLBACK.
    #[error(
        "`{keyword}` inside a `#[transactional_event]` handler: the handler commits on `Ok` and rolls back on `Err`; \
         the transaction was rolled back: remove the statement, or use `tx.begin()` for a savepoint [OBX-105]"
    )]
    TransactionControl {
        /// First keyword of the statement.
        keyword: String,
    },

    /// A handler that opens a transaction was called in the body of another one: it would commit on its own.
    #[error(
        "`{handler}` opens a transaction inside of `{outer}`, which has one open: it would commit even if `{outer}` \
         fails; nothing of it was run: let it take `tx: &mut Transaction<'_, DB>` and join, call it after `{outer}`, \
         or write `independent` in its `#[transactional_event(…)]` if its commit is meant to be its own [OBX-110]"
    )]
    NestedTransaction {
        /// Path of the handler that was called.
        handler: &'static str,
        /// Path of the handler around it.
        outer: &'static str,
    },

    /// The event's encoder failed.
    #[error("event `{event}` could not be encoded; nothing was stored [OBX-106]")]
    Encode {
        /// Name of the event.
        event: &'static str,
        /// The encoder's error.
        source: BoxError,
    },

    /// The payload is over the limit.
    #[error(
        "event `{event}` has a payload of {payload_bytes} B, the limit is {payload_bytes_max} B; nothing was stored: \
         send a reference to the data instead, or raise the limit here and `max.message.bytes` on the topic [OBX-107]"
    )]
    PayloadTooLarge {
        /// Name of the event.
        event: &'static str,
        /// Size of the encoded payload in bytes.
        payload_bytes: usize,
        /// Limit in bytes.
        payload_bytes_max: usize,
    },

    /// The topic's name is not one that Kafka accepts.
    #[error(
        "event `{event}` has the topic `{topic}`: a topic is 1 to 249 characters of a–z, A–Z, 0–9, `.`, `_`, `-` [OBX-108]"
    )]
    InvalidTopic {
        /// Name of the event.
        event: &'static str,
        /// The topic.
        topic: String,
    },

    /// A header's name is reserved, empty, or longer than 255 bytes.
    #[error(
        "event `{event}` has a header named `{name}`: a name is 1 to 255 bytes and does not begin with `ce_`, \
         `traceparent`, `__connect.`, `kafka_` or `outbox-`, which are written by outbox and other tools [OBX-112]"
    )]
    InvalidHeader {
        /// Name of the event.
        event: &'static str,
        /// Name of the header.
        name: String,
    },

    /// The outbox tables are not there.
    #[error(
        "the outbox table is missing; run `outbox::migrate(&pool)` once, or apply the `.sql` files of the crate [OBX-109]"
    )]
    NotMigrated {
        /// What the database said.
        source: sqlx::Error,
    },
}

impl Error {
    /// Finds an error of ours in `error` or anywhere down its source chain.
    ///
    /// ```
    /// # use outbox_runtime::Error;
    /// # #[derive(Debug)] struct BankError(sqlx::Error);
    /// # impl std::fmt::Display for BankError {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "bank") } }
    /// # impl std::error::Error for BankError {
    /// #     fn source(&self) -> Option<&(dyn std::error::Error + 'static)> { Some(&self.0) } }
    /// let ours = Error::Aborted { first: "unique violation".into() };
    /// let theirs = BankError(sqlx::Error::from(ours));
    /// assert!(matches!(Error::find(&theirs), Some(Error::Aborted { .. })));
    /// ```
    pub fn find<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e Self> {
        std::iter::successors(Some(error), |error| error.source()).find_map(|error| error.downcast_ref::<Self>())
    }

    /// The code at the end of the message; `outbox explain CODE` says more. A plain database error has none.
    ///
    /// ```
    /// # use outbox_runtime::Error;
    /// let error = Error::Aborted { first: "unique violation".into() };
    /// assert_eq!(error.code(), Some("OBX-103"));
    /// assert!(error.to_string().ends_with("[OBX-103]"));
    /// ```
    pub fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::Database(_) => return None,
            Self::NoTransaction { .. } => "OBX-101",
            Self::CommitUnknown { .. } => "OBX-102",
            Self::Aborted { .. } => "OBX-103",
            Self::EmitFailed { .. } => "OBX-104",
            Self::TransactionControl { .. } => "OBX-105",
            Self::Encode { .. } => "OBX-106",
            Self::PayloadTooLarge { .. } => "OBX-107",
            Self::InvalidTopic { .. } => "OBX-108",
            Self::NotMigrated { .. } => "OBX-109",
            Self::NestedTransaction { .. } => "OBX-110",
            Self::InvalidHeader { .. } => "OBX-112",
        })
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Error> for sqlx::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Database(error) => error,
            error => Self::Encode(Box::new(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_ours_ends_with_its_code() {
        let source = || sqlx::Error::PoolTimedOut;
        let all = [
            Error::NoTransaction { database: "db".into(), problem: "it is down", source: source() },
            Error::CommitUnknown { source: source() },
            Error::Aborted { first: "unique violation".into() },
            Error::EmitFailed { first: "unique violation".into() },
            Error::TransactionControl { keyword: "COMMIT".into() },
            Error::Encode { event: "bank.opened", source: "not text".into() },
            Error::PayloadTooLarge { event: "bank.opened", payload_bytes: 2, payload_bytes_max: 1 },
            Error::InvalidTopic { event: "bank.opened", topic: "a b".into() },
            Error::NotMigrated { source: source() },
        ];
        let mut codes = std::collections::BTreeSet::new();
        for error in &all {
            let code = error.code().expect("a code");
            assert!(error.to_string().ends_with(&format!(" [{code}]")), "{error}");
            assert!(codes.insert(code), "{code} is given twice");
        }
        assert_eq!(Error::from(source()).code(), None, "a database error is handed on as it is");
    }
}
