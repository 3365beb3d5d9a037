//! What a handler's transaction needs from a database, one implementation per dialect.

use std::future::Future;

use sqlx::{Pool, Transaction};

use super::BeginOptions;
use crate::{Error, Record};

/// A database whose transactions can hold events: `sqlx::Postgres` and `sqlx::Sqlite`, by the features of these names.
#[diagnostic::on_unimplemented(
    message = "outbox cannot store events in `{Self}` [OBX-111]",
    label = "no outbox for this database",
    note = "turn on the feature `postgres` or `sqlite` of `outbox`"
)]
pub trait Database: sqlx::Database {
    /// Whether the server itself refuses every statement after an error has ended the transaction's usefulness.
    /// Where it does not, the connection may silently be back in autocommit, and each statement after an error is
    /// preceded by [`Database::check`].
    const REFUSES_AFTER_ABORT: bool;
    /// Whether `/* /* */ */` is one comment.
    const NESTED_COMMENTS: bool;

    /// Whether sqlx counts the levels of transactions by what it has queued, at once. (Else a thread of its own counts
    /// what it has carried out.) Then a savepoint's begin that is dropped half way rolls back the level below.
    const LEVELS_BY_QUEUE: bool;

    /// Opens a transaction. Not cancel-safe (T1): [`Begin`](crate::transaction::Begin) shields it.
    fn begin(
        pool: &Pool<Self>,
        options: BeginOptions,
    ) -> impl Future<Output = Result<Transaction<'static, Self>, sqlx::Error>> + Send;

    /// Runs `text`, which may be several statements, as one message.
    fn run(conn: &mut Self::Connection, text: String) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Inserts `records` into the log in the order of the slice.
    fn insert(conn: &mut Self::Connection, records: &[Record]) -> impl Future<Output = Result<(), Error>> + Send;

    /// Asks the database whether `conn` is inside a transaction that can still be committed.
    ///
    /// # Errors
    /// It is not, or the database could not be asked. What follows can only be a rollback.
    fn check(conn: &mut Self::Connection) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Whether `error` says "refused, since an earlier statement aborted the transaction".
    fn says_aborted(error: &sqlx::Error) -> bool;

    /// Whether a COMMIT that failed with `error` has certainly not been carried out.
    fn commit_refused(error: &sqlx::Error) -> bool;

    /// Why no connection could be had, in words with a next step; `None` when `error` is not about connecting.
    fn connect_problem(error: &sqlx::Error) -> Option<&'static str>;

    /// Where the pool connects to, for error messages; never with a password.
    fn address(pool: &Pool<Self>) -> String;
}
