//! Opening a handler's transaction, from a pool.

use std::future::Future;
use std::sync::{Arc, LazyLock};

use sqlx::Pool;

use super::shield::shielded;
use super::{BeginOptions, Database, Tx};
use crate::Error;

/// What `#[transactional_event(tx = …)]` can open a transaction from: a pool, by value, reference, `Arc` or `Box`.
///
/// Owned sources only: a borrowed connection cannot be shielded from cancellation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot open a transaction [OBX-014]",
    label = "not a pool",
    note = "a handler's transaction needs a connection of its own, so that it can be cleaned up when the handler is \
            dropped half way: a borrowed connection or transaction cannot",
    note = "`tx = …` takes an `sqlx::PgPool` or `sqlx::SqlitePool`, such as `pool`, `self.pool` or `state.db`, \
            or your own type that implements `outbox::Begin`"
)]
pub trait Begin {
    /// The database of the transaction.
    type Database: Database;

    /// Opens a transaction. Cancel-safe: dropped half way, the transaction is rolled back.
    ///
    /// # Errors
    /// [`Error::NoTransaction`], or what the database says.
    fn begin(&self, options: BeginOptions) -> impl Future<Output = Result<Tx<'static, Self::Database>, Error>> + Send;
}

impl<DB: Database> Begin for Pool<DB> {
    type Database = DB;

    async fn begin(&self, options: BeginOptions) -> Result<Tx<'static, DB>, Error> {
        let pool = self.clone();
        let begun = shielded(async move { DB::begin(&pool, options).await }).await;
        begun.map(Tx::new).map_err(|error| refine(self, error))
    }
}

macro_rules! pointers {
    ($($ty:ty),+) => {$(
        impl<T: Begin + ?Sized> Begin for $ty {
            type Database = T::Database;

            fn begin(
                &self,
                options: BeginOptions,
            ) -> impl Future<Output = Result<Tx<'static, T::Database>, Error>> + Send {
                (**self).begin(options)
            }
        }
    )+};
}
pointers!(&T, &mut T, Arc<T>, Box<T>);

impl<T: Begin, F: FnOnce() -> T> Begin for LazyLock<T, F> {
    type Database = T::Database;

    fn begin(&self, options: BeginOptions) -> impl Future<Output = Result<Tx<'static, T::Database>, Error>> + Send {
        (**self).begin(options)
    }
}

/// Says where, and what to do next, when there was no connection to begin on.
fn refine<DB: Database>(pool: &Pool<DB>, error: sqlx::Error) -> Error {
    let problem = match &error {
        sqlx::Error::PoolTimedOut if pool.size() > 0 => Some(
            "the pool's connections were all in use until its acquire timeout; raise `max_connections`, \
             or look for a handler that holds one while it waits for another",
        ),
        sqlx::Error::PoolTimedOut => {
            Some("no connection could be opened until the pool's acquire timeout; check that the server runs there")
        }
        sqlx::Error::PoolClosed => Some("the pool is closed"),
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) => {
            Some("the connection failed; check that the server runs there, and the network")
        }
        error => DB::connect_problem(error),
    };
    match problem {
        Some(problem) => Error::NoTransaction { database: DB::address(pool), problem, source: error },
        None => Error::Database(error),
    }
}
