//! The guard against statements beside the transaction: does this place lead to a pool or to a connection of its own?
//!
//! The same order as in [`ty`](super::ty): a transaction by value, a pool one reference later, anything else behind a
//! deref. A transaction derefs to its connection, so it has to come first.

use std::marker::PhantomData;
use std::ops::Deref;

use sqlx::query::{Map, Query, QueryAs, QueryScalar};
use sqlx::{Connection, Database, Pool, RawSql, Transaction};

use super::ty::{ByDeref, Direct, Passed, Ty, Unknown};

/// Tag: the type is a connection.
pub struct AsConnection;

/// Implemented for the [`Ty`] of transactions, savepoints, and what derefs to one.
pub trait Within<V>: Sized {
    /// Nothing to be said.
    fn __outbox_beside(self) -> Passed {
        Passed
    }
}

impl<DB: Database> Within<Direct> for Ty<Transaction<'_, DB>> {}

impl<T: Deref + ?Sized, V> Within<ByDeref<V>> for Ty<T> where Ty<T::Target>: Within<V> {}

/// Implemented for the [`Ty`] of pools, connections, and what derefs to one.
pub trait Beside<V>: Sized {
    /// To be judged.
    fn __outbox_beside(&self) -> Outside<Self> {
        Outside(PhantomData)
    }
}

impl<DB: Database> Beside<Direct> for Ty<Pool<DB>> {}

impl<T: Connection> Beside<AsConnection> for Ty<T> {}

impl<T: Deref + ?Sized, V> Beside<ByDeref<V>> for Ty<T> where Ty<T::Target>: Beside<V> {}

/// Implemented for the [`Ty`] of pools, and what derefs to one. For names of the body's own: a connection there may be
/// the transaction's.
pub trait Pooled<V>: Sized {
    /// To be judged.
    fn __outbox_pooled(&self) -> Outside<Self> {
        Outside(PhantomData)
    }
}

impl<DB: Database> Pooled<Direct> for Ty<Pool<DB>> {}

impl<T: Deref + ?Sized, V> Pooled<ByDeref<V>> for Ty<T> where Ty<T::Target>: Pooled<V> {}

/// A pool or a connection, and not yet said what is done with it.
pub struct Outside<X>(PhantomData<X>);

impl<X> Outside<X> {
    /// `S` is [`Sql`] when a statement is executed on it.
    pub fn __outbox_with<S: Kind>(self, _: S) -> S::Verdict<X> {
        S::verdict()
    }
}

impl Passed {
    /// See [`Outside`].
    pub fn __outbox_with<S>(self, _: S) -> Self {
        self
    }

    /// Says nothing.
    pub fn __outbox_opened(self) {}

    /// Says nothing.
    pub fn __outbox_joined(self) {}
}

impl Unknown {
    /// See [`Beside`].
    pub fn __outbox_beside(&self) -> Passed {
        Passed
    }

    /// See [`Pooled`].
    pub fn __outbox_pooled(&self) -> Passed {
        Passed
    }

    /// See [`Statement`].
    pub fn __outbox_statement(&self) -> Other {
        Other
    }
}

/// The judgement of a statement on a pool or a connection.
pub struct Refused<X>(PhantomData<X>);

impl<X> Refused<X> {
    /// Does not compile: in a handler that opens its transaction.
    pub fn __outbox_opened(self)
    where
        X: InOpened,
    {
    }

    /// Does not compile: in a handler that joins an sqlx transaction.
    pub fn __outbox_joined(self)
    where
        X: InJoined,
    {
    }
}

/// What is called with the pool: sqlx's statements, or something of the user's own that may well take a pool.
pub trait Kind {
    /// What comes of it.
    type Verdict<X>;

    /// Makes it.
    fn verdict<X>() -> Self::Verdict<X>;
}

/// A statement.
pub struct Sql;

/// Anything else.
pub struct Other;

impl Kind for Sql {
    type Verdict<X> = Refused<X>;

    fn verdict<X>() -> Refused<X> {
        Refused(PhantomData)
    }
}

impl Kind for Other {
    type Verdict<X> = Passed;

    fn verdict<X>() -> Passed {
        Passed
    }
}

/// Implemented for the [`Ty`] of sqlx's statements. Without a parameter: their types may still be open.
pub trait Statement: Sized {
    /// It is one.
    fn __outbox_statement(self) -> Sql {
        Sql
    }
}

impl<DB: Database, A> Statement for Ty<Query<'_, DB, A>> {}

impl<DB: Database, O, A> Statement for Ty<QueryAs<'_, DB, O, A>> {}

impl<DB: Database, O, A> Statement for Ty<QueryScalar<'_, DB, O, A>> {}

impl<DB: Database, F, A> Statement for Ty<Map<'_, DB, F, A>> {}

impl Statement for Ty<RawSql> {}

/// What no pool is.
#[diagnostic::on_unimplemented(
    message = "this statement runs outside the handler's transaction; use `&mut *tx` [OBX-061]",
    label = "it commits on its own, whatever becomes of the handler",
    note = "where that is meant: `#[transactional_event(…, allow(outside_tx, reason = \"…\"))]`"
)]
pub trait InOpened {}

/// What no pool is.
#[diagnostic::on_unimplemented(
    message = "this statement runs outside the handler's transaction; use `&mut **tx` [OBX-062]",
    label = "it commits on its own, whatever becomes of the handler",
    note = "where that is meant: `#[transactional_event(…, allow(outside_tx, reason = \"…\"))]`"
)]
pub trait InJoined {}

// Without any impl rustc proposes to add one.
impl InOpened for Sql {}
impl InJoined for Sql {}

/// In the place of a commit that was refused at compile time.
///
/// # Errors
/// Never; it has the type of the real one.
pub async fn refused() -> Result<(), sqlx::Error> {
    Ok(())
}
