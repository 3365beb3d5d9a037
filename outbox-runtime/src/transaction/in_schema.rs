//! A transaction whose events go into the log of a named schema.

use std::future::Future;

use sqlx::{PgConnection, Postgres, Transaction};

use super::insert::{Place, insert_noted, insert_unknown};
use super::{AsTx, Rows, Tx, postgres};
use crate::qualify::Names;
use crate::{Error, Ident, Record};

/// `tx` with the log of `schema`, for the services that write into several logs:
///
/// ```text
/// let mut billing = outbox::in_schema(&mut *tx, &BILLING);
/// emit!(billing => InvoiceSent { … });
/// ```
///
/// Everything else about the transaction stays as it is. A service with one log does not need this: `emit!` writes into
/// the log that the search path of the transaction finds (`ALTER ROLE service SET search_path = …`, the URL's
/// `?options[search_path]=…`, or `SET LOCAL search_path` in the transaction).
pub fn in_schema<'t, T: PostgresTx + ?Sized>(tx: &'t mut T, schema: &Ident) -> InSchema<'t, T> {
    InSchema { tx, names: Names::new(Some(schema.clone())) }
}

/// Made by [`in_schema`]; `emit!(it => event)` takes it.
#[derive(Debug)]
pub struct InSchema<'t, T: ?Sized> {
    tx: &'t mut T,
    names: Names,
}

/// A transaction of PostgreSQL that `emit!` can write to: [`Tx`] or `sqlx::Transaction`, also behind a `&mut`.
pub trait PostgresTx: AsTx {
    /// As [`AsTx`], into the log that `place` names.
    #[doc(hidden)]
    fn __outbox_insert_into<'a, R: Rows + 'a>(
        &'a mut self,
        place: Log<'a>,
        rows: R,
    ) -> impl Future<Output = Result<(), Error>> + Send + 'a;
}

/// A log by its schema.
#[derive(Debug, Clone, Copy)]
pub struct Log<'a>(&'a Names);

impl Place<Postgres> for Log<'_> {
    async fn insert(self, conn: &mut PgConnection, records: &[Record]) -> Result<(), Error> {
        postgres::insert_into(conn, self.0, records).await
    }
}

impl PostgresTx for Tx<'_, Postgres> {
    async fn __outbox_insert_into<'a, R: Rows + 'a>(&'a mut self, place: Log<'a>, rows: R) -> Result<(), Error> {
        insert_noted(self, place, rows).await
    }
}

impl PostgresTx for Transaction<'_, Postgres> {
    async fn __outbox_insert_into<'a, R: Rows + 'a>(&'a mut self, place: Log<'a>, rows: R) -> Result<(), Error> {
        insert_unknown(self, place, rows).await
    }
}

impl<T: PostgresTx + ?Sized> PostgresTx for &mut T {
    fn __outbox_insert_into<'a, R: Rows + 'a>(
        &'a mut self,
        place: Log<'a>,
        rows: R,
    ) -> impl Future<Output = Result<(), Error>> + Send + 'a {
        (**self).__outbox_insert_into(place, rows)
    }
}

impl<T: PostgresTx + ?Sized> AsTx for InSchema<'_, T> {
    fn __outbox_insert<'a, R: Rows + 'a>(&'a mut self, rows: R) -> impl Future<Output = Result<(), Error>> + Send + 'a {
        self.tx.__outbox_insert_into(Log(&self.names), rows)
    }
}
