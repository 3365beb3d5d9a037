//! What `emit!` calls: records into the transaction at hand.

use std::future::Future;

use sqlx::Transaction;

use super::{Database, Tx, tx};
use crate::{Error, Record};

/// A transaction that `emit!` can write to: [`Tx`] or `sqlx::Transaction`, also behind a `&mut`.
///
/// `emit!(tx => event)` in a helper function takes either of them, or any `tx: &mut impl AsTx`.
#[diagnostic::on_unimplemented(
    message = "`emit!` needs a transaction, and `{Self}` is none [OBX-032]",
    label = "not a transaction",
    note = "events are stored in an `outbox::Tx` or an `sqlx::Transaction`, so that they commit with the state change"
)]
pub trait AsTx {
    /// Inserts what an `emit!`, or a run of them, made. Errors of encoding come in as they are, so that they are noted.
    ///
    /// # Errors
    /// Not all events are stored.
    #[doc(hidden)]
    fn __outbox_insert<'a, R: Rows + 'a>(&'a mut self, rows: R) -> impl Future<Output = Result<(), Error>> + Send + 'a;
}

/// Finds the [`AsTx`] behind a name by method lookup, which looks through references and pointers; what is none is told
/// in its words.
pub trait Insert: AsTx {
    /// See [`AsTx`].
    fn __outbox_emit<'a, R: Rows + 'a>(&'a mut self, rows: R) -> impl Future<Output = Result<(), Error>> + Send + 'a {
        self.__outbox_insert(rows)
    }
}

impl<T: AsTx + ?Sized> Insert for T {}

/// Records that go into the log together, and the error that ended their making.
pub trait Rows: Send {
    /// Those that could be made.
    fn records(&self) -> &[Record];

    /// Why there are not more.
    fn failure(self) -> Option<Error>;
}

impl<R: AsRef<[Record]> + Send> Rows for Result<R, Error> {
    fn records(&self) -> &[Record] {
        self.as_ref().map_or(&[], AsRef::as_ref)
    }

    fn failure(self) -> Option<Error> {
        self.err()
    }
}

/// The log that records go into.
pub(super) trait Place<DB: Database>: Send {
    /// See [`Database::insert`].
    fn insert(self, conn: &mut DB::Connection, records: &[Record]) -> impl Future<Output = Result<(), Error>> + Send;
}

/// The log that the database finds by itself.
pub(super) struct SearchPath;

impl<DB: Database> Place<DB> for SearchPath {
    async fn insert(self, conn: &mut DB::Connection, records: &[Record]) -> Result<(), Error> {
        DB::insert(conn, records).await
    }
}

impl<DB: Database> AsTx for Tx<'_, DB> {
    async fn __outbox_insert<'a, R: Rows + 'a>(&'a mut self, rows: R) -> Result<(), Error> {
        insert_noted(self, SearchPath, rows).await
    }
}

/// Into a handler's transaction: how it ended is noted.
pub(super) async fn insert_noted<DB: Database>(
    tx: &mut Tx<'_, DB>,
    place: impl Place<DB>,
    rows: impl Rows,
) -> Result<(), Error> {
    let (inner, notes) = tx.parts();
    let emit = notes.emit();
    let inserted = async {
        let records = rows.records();
        if !records.is_empty() {
            tx::usable::<DB>(inner, notes).await?;
            place.insert(inner, records).await?;
        }
        rows.failure().map_or(Ok(()), Err)
    };
    match inserted.await {
        Ok(()) => {
            emit.done();
            Ok(())
        }
        Err(error) => {
            emit.failed(&error);
            Err(blame_first::<DB>(error, notes.read().first))
        }
    }
}

/// "Transaction is aborted" helps nobody; the error that aborted it does.
fn blame_first<DB: Database>(error: Error, first: Option<String>) -> Error {
    match (error, first) {
        (Error::Database(error), Some(first)) if DB::says_aborted(&error) => Error::Aborted { first },
        (error, _) => error,
    }
}

impl<DB: Database> AsTx for Transaction<'_, DB> {
    async fn __outbox_insert<'a, R: Rows + 'a>(&'a mut self, rows: R) -> Result<(), Error> {
        insert_unknown(self, SearchPath, rows).await
    }
}

/// Into the caller's transaction, of which nothing is known: where the server itself does not refuse statements after an
/// abort, it is asked first, or the event could be stored without its state.
pub(super) async fn insert_unknown<DB: Database>(
    tx: &mut Transaction<'_, DB>,
    place: impl Place<DB>,
    rows: impl Rows,
) -> Result<(), Error> {
    let records = rows.records();
    if !records.is_empty() {
        if tx::depth::<DB>(tx) == 0 {
            return Err(Error::Aborted { first: tx::SAVEPOINT_CANCELLED.to_owned() });
        }
        if !DB::REFUSES_AFTER_ABORT {
            DB::check(tx).await.map_err(|error| Error::Aborted { first: error.to_string() })?;
        }
        place.insert(tx, records).await?;
    }
    rows.failure().map_or(Ok(()), Err)
}

impl<T: AsTx + ?Sized> AsTx for &mut T {
    fn __outbox_insert<'a, R: Rows + 'a>(&'a mut self, rows: R) -> impl Future<Output = Result<(), Error>> + Send + 'a {
        (**self).__outbox_insert(rows)
    }
}
