//! `savepoint`: a joining handler that is all or nothing inside the caller's transaction.
//!
//! The savepoint is one level of sqlx's own, opened on the connection below the caller's transaction, which the body goes
//! on to use: its `tx` has the type that was written. What sqlx does when such a level's begin or release is dropped
//! half way would hit the caller's level, so neither is left to it.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use sqlx::{Connection, Transaction};
use sqlx_core::transaction::TransactionManager;

use super::notes::Notes;
use super::tx::depth;
use super::{Database, Tx, tx};
use crate::Error;

/// A caller's transaction: `sqlx::Transaction`, or [`Tx`].
#[diagnostic::on_unimplemented(
    message = "a handler joins a transaction, and `{Self}` is none [OBX-008]",
    label = "not a transaction",
    note = "take `tx: &mut sqlx::Transaction<'_, DB>` or `tx: &mut outbox::Tx<'_, DB>`, \
            or open a transaction from a pool with `#[transactional_event(tx = pool)]`"
)]
pub trait Joined {
    /// Its database.
    type Database: Database;
    /// `Self`; nothing that follows from an error about it is an error too.
    type Same;

    #[doc(hidden)]
    fn same(&mut self) -> &mut Self::Same;
    #[doc(hidden)]
    fn connection(&mut self) -> &mut <Self::Database as sqlx::Database>::Connection;
    /// What is known of it.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn notes(&mut self) -> Option<&mut Notes>;
}

impl<DB: Database> Joined for Transaction<'_, DB> {
    type Database = DB;
    type Same = Self;

    fn same(&mut self) -> &mut Self {
        self
    }
    fn connection(&mut self) -> &mut DB::Connection {
        self
    }
    #[allow(private_interfaces)]
    fn notes(&mut self) -> Option<&mut Notes> {
        None
    }
}

impl<DB: Database> Joined for Tx<'_, DB> {
    type Database = DB;
    type Same = Self;

    fn same(&mut self) -> &mut Self {
        self
    }
    fn connection(&mut self) -> &mut DB::Connection {
        self.parts_mut().0
    }
    #[allow(private_interfaces)]
    fn notes(&mut self) -> Option<&mut Notes> {
        Some(self.parts_mut().1)
    }
}

/// A savepoint that is open. Dropped, it is rolled back, and the transaction around it goes on.
pub struct Savepoint<'s, T: Joined> {
    tx: &'s mut T,
    /// sqlx's level of the caller's transaction.
    outside: usize,
    /// The caller's notes; the body begins with none.
    notes: Option<Notes>,
    /// sqlx has the level, and will have to leave it.
    open: bool,
    /// There is a second savepoint of the same name, behind all that was done.
    kept: bool,
}

type Db<T> = <T as Joined>::Database;

/// Opens a savepoint in `tx`.
///
/// # Errors
/// [`Error::Aborted`] when there is no transaction any more, or what the database says.
pub async fn savepoint<T: Joined + Send>(tx: &mut T) -> Result<Savepoint<'_, T>, Error>
where
    <Db<T> as sqlx::Database>::Connection: Send,
{
    let outside = depth::<Db<T>>(tx.connection());
    if outside == 0 {
        return Err(Error::Aborted { first: tx::SAVEPOINT_CANCELLED.to_owned() });
    }
    if !<Db<T>>::REFUSES_AFTER_ABORT || !tx.notes().is_some_and(|notes| notes.is_sound()) {
        // Where the database has rolled back by itself, a savepoint would be a transaction of its own. Where it refuses
        // a savepoint after an error, sqlx rolls back the caller's level, and what follows commits by itself.
        <Db<T>>::check(tx.connection()).await.map_err(|error| Error::Aborted { first: error.to_string() })?;
    }
    begin::<Db<T>>(tx.connection()).await?;
    let notes = tx.notes().map(mem::take);
    Ok(Savepoint { tx, outside, notes, open: true, kept: false })
}

impl<T: Joined + Send> Savepoint<'_, T> {
    /// The caller's transaction, for the body.
    pub fn tx(&mut self) -> &mut T {
        self.tx
    }

    /// Keeps what was done since the savepoint if `out` is `Ok`, and rolls it back otherwise.
    ///
    /// # Errors
    /// The body's own; else, through `convert`, what [`finish`](super::finish()) says of a whole transaction.
    pub async fn close<V, E>(mut self, out: Result<V, E>, convert: impl FnOnce(Error) -> E + Send) -> Result<V, E> {
        let out = match out {
            Ok(value) => self.keep().await.map(|()| value).map_err(convert),
            Err(error) => Err(error),
        };
        self.roll_back().await;
        out
    }

    /// Puts a savepoint of the same name behind all that was done: a rollback to it loses nothing. (sqlx's own release,
    /// dropped half way, would roll back to a savepoint that is gone.)
    async fn keep(&mut self) -> Result<(), Error> {
        let state = self.tx.notes().map(|notes| notes.read()).unwrap_or_default();
        if let Some(keyword) = state.control {
            return Err(Error::TransactionControl { keyword: keyword.to_owned() });
        }
        if let Some(first) = state.emit_failed {
            return Err(Error::EmitFailed { first });
        }
        self.settle().await;
        let aborted = |cause: String| Error::Aborted { first: state.first.clone().unwrap_or(cause) };
        match depth::<Db<T>>(self.tx.connection()) {
            inside if inside <= self.outside => return Err(aborted(tx::SAVEPOINT_CANCELLED.to_owned())),
            inside if inside > self.outside + 1 => {
                return Err(aborted("a savepoint was leaked, neither committed nor dropped".to_owned()));
            }
            _ => {}
        }
        if !<Db<T>>::REFUSES_AFTER_ABORT {
            // Where the database has rolled back by itself, a savepoint would be a transaction of its own.
            <Db<T>>::check(self.tx.connection()).await.map_err(|error| aborted(error.to_string()))?;
        }
        match <Db<T>>::run(self.tx.connection(), format!("SAVEPOINT {}", name(self.outside))).await {
            Ok(()) => self.kept = true,
            Err(error @ (sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed)) => {
                return Err(Error::Database(error));
            }
            Err(error) => return Err(aborted(error.to_string())),
        }
        if let Some(notes) = &self.notes
            && state.wake
        {
            notes.wake();
        }
        Ok(())
    }

    /// Rolls back to the savepoint and forgets it, with everything that was noted since.
    async fn roll_back(&mut self) {
        self.settle().await;
        let inside = depth::<Db<T>>(self.tx.connection());
        let levels = inside.saturating_sub(self.outside);
        self.open = false;
        for _ in 0..levels {
            <Db<T> as sqlx::Database>::TransactionManager::start_rollback(self.tx.connection());
        }
        self.restore(false);
        if levels == 0 {
            // A cancelled `begin()` of the body's own made sqlx roll back the caller's level: nothing is left to do.
            return;
        }
        let release = format!("RELEASE SAVEPOINT {};", name(self.outside));
        let forgotten = <Db<T>>::run(self.tx.connection(), release.repeat(1 + usize::from(self.kept))).await;
        if let (Err(error), Some(notes)) = (forgotten, self.tx.notes()) {
            notes.error(&error);
        }
    }

    /// Waits until sqlx's count of levels is right, where a thread of its own keeps it.
    async fn settle(&mut self) {
        if !<Db<T>>::LEVELS_BY_QUEUE {
            // Fails only when the thread is gone, and then everything does.
            let _ = self.tx.connection().ping().await;
        }
    }
}

impl<T: Joined> Savepoint<'_, T> {
    /// The caller's notes are the transaction's again.
    fn restore(&mut self, unseen: bool) {
        if let Some(outer) = self.notes.take() {
            if unseen {
                outer.unseen();
            }
            if let Some(notes) = self.tx.notes() {
                *notes = outer;
            }
        }
    }
}

impl<T: Joined> Drop for Savepoint<'_, T> {
    fn drop(&mut self) {
        if self.open {
            let inside = depth::<Db<T>>(self.tx.connection());
            let levels = if <Db<T>>::LEVELS_BY_QUEUE { inside.saturating_sub(self.outside) } else { 1 };
            for _ in 0..levels {
                <Db<T> as sqlx::Database>::TransactionManager::start_rollback(self.tx.connection());
            }
        }
        self.restore(true);
    }
}

/// sqlx's name of the savepoint above `outside` levels.
fn name(outside: usize) -> String {
    format!("_sqlx_savepoint_{outside}")
}

/// Opens one more of sqlx's levels.
async fn begin<DB: Database>(conn: &mut DB::Connection) -> Result<(), sqlx::Error> {
    Begun::<_, DB>(Some(Box::pin(DB::TransactionManager::begin(conn, None))), std::marker::PhantomData).await
}

/// sqlx's begin of a savepoint. Where its drop half way queues a rollback of the level *below*, it is not dropped but
/// forgotten: its few hundred bytes are lost, and the savepoint is one that nobody uses.
struct Begun<F, DB: Database>(Option<Pin<Box<F>>>, std::marker::PhantomData<fn() -> DB>);

impl<F: Future, DB: Database> Future for Begun<F, DB> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Some(begin) = &mut self.0 else { return Poll::Pending };
        let polled = begin.as_mut().poll(context);
        if polled.is_ready() {
            self.0 = None;
        }
        polled
    }
}

impl<F, DB: Database> Drop for Begun<F, DB> {
    fn drop(&mut self) {
        if let Some(begin) = self.0.take()
            && DB::LEVELS_BY_QUEUE
        {
            mem::forget(begin);
        }
    }
}
