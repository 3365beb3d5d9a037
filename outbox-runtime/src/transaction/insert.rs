//! What `emit!` calls: one record into the transaction at hand.

use std::future::Future;
use std::slice;

use sqlx::Transaction;

use super::{Database, Tx, tx};
use crate::{Error, Record};

/// A transaction that `emit!` can write to: [`Tx`] or `sqlx::Transaction`.
#[diagnostic::on_unimplemented(
    message = "`emit!` needs a transaction, and `{Self}` is none",
    label = "not a transaction",
    note = "events are stored in an `outbox::Tx` or an `sqlx::Transaction`, so that they commit with the state change"
)]
pub trait AsTx {
    /// Inserts `record`. Called by `emit!`; an encoding error comes in as it is, so that it is noted too.
    ///
    /// # Errors
    /// The event is not stored.
    #[doc(hidden)]
    fn __outbox_insert<'a>(
        &'a mut self,
        record: Result<Record, Error>,
    ) -> impl Future<Output = Result<(), Error>> + Send + 'a;
}

impl<DB: Database> AsTx for Tx<'_, DB> {
    async fn __outbox_insert(&mut self, record: Result<Record, Error>) -> Result<(), Error> {
        let (inner, notes) = self.parts();
        let emit = notes.emit();
        let inserted = async {
            let record = record?;
            tx::usable::<DB>(inner, notes).await?;
            DB::insert(inner, slice::from_ref(&record)).await
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
}

/// "Transaction is aborted" helps nobody; the error that aborted it does.
fn blame_first<DB: Database>(error: Error, first: Option<String>) -> Error {
    match (error, first) {
        (Error::Database(error), Some(first)) if DB::says_aborted(&error) => Error::Aborted { first },
        (error, _) => error,
    }
}

impl<DB: Database> AsTx for Transaction<'_, DB> {
    /// The caller's transaction, of which nothing is known: where the server itself does not refuse statements after
    /// an abort, it is asked first, or the event could be stored without its state.
    async fn __outbox_insert(&mut self, record: Result<Record, Error>) -> Result<(), Error> {
        let record = record?;
        if tx::depth::<DB>(self) == 0 {
            return Err(Error::Aborted { first: tx::SAVEPOINT_CANCELLED.to_owned() });
        }
        if !DB::REFUSES_AFTER_ABORT {
            DB::check(self).await.map_err(|error| Error::Aborted { first: error.to_string() })?;
        }
        DB::insert(self, slice::from_ref(&record)).await
    }
}
