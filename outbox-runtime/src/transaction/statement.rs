//! A statement on its way through a [`Tx`](super::Tx): taken apart, so that its text is seen before it runs.

use std::error::Error as StdError;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::BoxStream;
use sqlx::{Execute, SqlStr};

use super::notes::Flight;

type Arguments<DB> = Result<Option<<DB as sqlx::Database>::Arguments>, Box<dyn StdError + Send + Sync>>;

/// Everything that sqlx asks of an [`Execute`], owned.
pub(crate) struct Statement<DB: sqlx::Database> {
    sql: SqlStr,
    prepared: Option<DB::Statement>,
    arguments: Arguments<DB>,
    persistent: bool,
}

impl<DB: sqlx::Database> Statement<DB> {
    pub(crate) fn new<'q, E: Execute<'q, DB>>(mut query: E) -> Self {
        let arguments = query.take_arguments();
        let prepared = query.statement().cloned();
        let persistent = query.persistent();
        Self { prepared, arguments, persistent, sql: query.sql() }
    }

    pub(super) fn text(&self) -> &str {
        self.sql.as_str()
    }

    /// The statement with another text, on request without a name on the server. What was prepared is for the old text.
    #[cfg(feature = "postgres")]
    pub(crate) fn map(mut self, text: impl FnOnce(SqlStr) -> SqlStr, unprepared: bool) -> Self {
        self.sql = text(self.sql);
        self.persistent &= !unprepared;
        self
    }
}

impl<DB: sqlx::Database> Execute<'_, DB> for Statement<DB> {
    fn sql(self) -> SqlStr {
        self.sql
    }

    fn statement(&self) -> Option<&DB::Statement> {
        self.prepared.as_ref()
    }

    fn take_arguments(&mut self) -> Arguments<DB> {
        std::mem::replace(&mut self.arguments, Ok(None))
    }

    fn persistent(&self) -> bool {
        self.persistent
    }
}

/// A statement's results; how it ended is noted.
pub(super) struct Watched<'e, T> {
    pub(super) results: BoxStream<'e, Result<T, sqlx::Error>>,
    pub(super) flight: Flight<'e>,
}

impl<T> Stream for Watched<'_, T> {
    type Item = Result<T, sqlx::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.results.as_mut().poll_next(context);
        match &next {
            Poll::Ready(Some(Err(error))) => self.flight.done(Some(error)),
            Poll::Ready(None) => self.flight.done(None),
            Poll::Ready(Some(Ok(_))) | Poll::Pending => {}
        }
        next
    }
}
