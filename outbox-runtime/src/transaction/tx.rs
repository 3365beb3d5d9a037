//! [`Tx`]: the transaction that an opens-handler's body sees.

use std::fmt;
use std::ops::{Deref, DerefMut};

use futures_core::future::BoxFuture;
use sqlx::{Acquire, Transaction};
use sqlx_core::transaction::TransactionManager;

use super::Database;
use super::notes::Notes;
use crate::Error;

/// A handler's transaction: an sqlx `Executor` (`&mut *tx`) and `Acquire`, which cannot be committed by hand.
///
/// It coerces to `&mut Transaction` and `&mut DB::Connection` in calls of helpers. Dropped, it is rolled back.
pub struct Tx<'t, DB: Database> {
    inner: Transaction<'t, DB>,
    notes: Notes,
}

impl<'t, DB: Database> Tx<'t, DB> {
    pub(super) fn new(inner: Transaction<'t, DB>) -> Self {
        Self { inner, notes: Notes::default() }
    }

    /// Opens a savepoint: an sqlx transaction inside this one. Rolled back or dropped, it takes its statements and
    /// events with it, and the handler's transaction goes on.
    ///
    /// # Errors
    /// What the database says.
    pub fn begin(&mut self) -> BoxFuture<'_, Result<Transaction<'_, DB>, sqlx::Error>> {
        self.notes.unseen();
        Acquire::begin(&mut self.inner)
    }

    /// Connection and notes, borrowed side by side.
    pub(super) fn parts(&mut self) -> (&mut Transaction<'t, DB>, &Notes) {
        (&mut self.inner, &self.notes)
    }

    /// The same, to take the notes away for a while.
    pub(super) fn parts_mut(&mut self) -> (&mut Transaction<'t, DB>, &mut Notes) {
        (&mut self.inner, &mut self.notes)
    }

    pub(super) fn into_parts(self) -> (Transaction<'t, DB>, Notes) {
        (self.inner, self.notes)
    }
}

/// How many transactions sqlx has open on this connection: 1, or more with savepoints. 0 when a cancelled
/// `tx.begin()` made sqlx roll back the wrong one, and the connection is back in autocommit.
pub(super) fn depth<DB: Database>(conn: &DB::Connection) -> usize {
    DB::TransactionManager::get_transaction_depth(conn)
}

/// Why sqlx has no transaction open any more.
pub(super) const SAVEPOINT_CANCELLED: &str = "a savepoint's `begin()` was cancelled, which rolled everything back";

/// Refuses when a statement now would not be part of the transaction any more.
pub(super) async fn usable<DB: Database>(conn: &mut DB::Connection, notes: &Notes) -> Result<(), Error> {
    if depth::<DB>(conn) == 0 {
        let first = notes.gone(|| SAVEPOINT_CANCELLED.to_owned());
        return Err(Error::Aborted { first });
    }
    if DB::REFUSES_AFTER_ABORT || notes.is_sound() { Ok(()) } else { check::<DB>(conn, notes).await }
}

/// Asks the database about a transaction in doubt.
pub(super) async fn check<DB: Database>(conn: &mut DB::Connection, notes: &Notes) -> Result<(), Error> {
    let state = notes.read();
    if let (true, Some(first)) = (state.gone, &state.first) {
        return Err(Error::Aborted { first: first.clone() });
    }
    let Err(error) = DB::check(conn).await else {
        notes.sound();
        return Ok(());
    };
    let first = notes.gone(|| error.to_string());
    match error {
        // Nothing was swallowed: the connection broke before COMMIT was sent.
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed if state.first.is_none() => {
            Err(Error::Database(error))
        }
        _ => Err(Error::Aborted { first }),
    }
}

impl<'t, DB: Database> Deref for Tx<'t, DB> {
    type Target = Transaction<'t, DB>;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

/// Hands out the connection; what is done with it is not seen, so the commit asks the database first.
impl<DB: Database> DerefMut for Tx<'_, DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.notes.unseen();
        &mut self.inner
    }
}

impl<DB: Database> AsMut<DB::Connection> for Tx<'_, DB> {
    fn as_mut(&mut self) -> &mut DB::Connection {
        self.notes.unseen();
        &mut self.inner
    }
}

impl<'c, DB: Database> Acquire<'c> for &'c mut Tx<'_, DB> {
    type Database = DB;
    type Connection = &'c mut DB::Connection;

    fn acquire(self) -> BoxFuture<'c, Result<Self::Connection, sqlx::Error>> {
        self.notes.unseen();
        self.inner.acquire()
    }

    fn begin(self) -> BoxFuture<'c, Result<Transaction<'c, DB>, sqlx::Error>> {
        Tx::begin(self)
    }
}

impl<DB: Database> fmt::Debug for Tx<'_, DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx").field("database", &DB::NAME).field("notes", &self.notes.read()).finish()
    }
}
