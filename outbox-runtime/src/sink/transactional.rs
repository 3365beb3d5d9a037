//! Sinks whose messages can be published all at once, or not at all.

use std::future::Future;

use uuid::Uuid;

use super::{Sink, SinkError};

/// A [`Sink`] with transactions: what is sent between `begin` and `commit` is seen by nobody who reads committed messages
/// only, until the commit, and then all of it.
///
/// A log's transactions go by its name: whoever begins one fences every earlier producer of that log.
pub trait TransactionalSink: Sink {
    /// Drops everything unanswered, as [`Sink::rebuild`]; ends the transactions of all earlier producers of `log`, so that
    /// none of them commits any more; begins one.
    ///
    /// # Errors
    /// [`SinkError`] when the broker cannot be asked, or does not let us.
    fn begin(&mut self, log: Uuid) -> impl Future<Output = Result<(), SinkError>> + Send;

    /// The position of `log` that was committed last, whoever did it. Call it after [`TransactionalSink::begin`], so that
    /// nobody can commit another one meanwhile.
    ///
    /// # Errors
    /// [`SinkError`] when the broker cannot be asked, or does not let us.
    fn position(&mut self, log: Uuid) -> impl Future<Output = Result<Option<Vec<u8>>, SinkError>> + Send;

    /// Puts `position` into the transaction, commits it, and begins the next. Everything sent must be answered before.
    ///
    /// # Errors
    /// [`SinkError`]; whether the transaction was committed may be unknown then: begin anew, and read the position.
    fn commit(&mut self, log: Uuid, position: &[u8]) -> impl Future<Output = Result<(), SinkError>> + Send;
}
