//! A handler's return type, which may be an alias: taken apart and put together by its trait, so that one that is no
//! `Result` is one error.

use crate::Error;
use crate::transaction::{self, Database, Joined, Savepoint, Tx};

/// `Result`, also behind an alias.
#[diagnostic::on_unimplemented(
    message = "a `#[transactional_event]` handler returns a `Result` [OBX-003]",
    label = "`Ok` commits, `Err` rolls back: this type can say neither",
    note = "return `Result<(), E>` with an error type that has `From<sqlx::Error>`"
)]
pub trait ResultLike {
    /// What it is if all is well.
    type Ok;
    /// The error type.
    type Err;

    /// As std's.
    fn into_result(self) -> Result<Self::Ok, Self::Err>;
    /// From std's.
    fn from_result(result: Result<Self::Ok, Self::Err>) -> Self;
}

impl<T, E> ResultLike for Result<T, E> {
    type Ok = T;
    type Err = E;

    fn into_result(self) -> Self {
        self
    }
    fn from_result(result: Self) -> Self {
        result
    }
}

/// `Err`.
pub fn failed<R: ResultLike>(error: R::Err) -> R {
    R::from_result(Err(error))
}

/// See [`transaction::finish`](transaction::finish()).
pub async fn finish<R: ResultLike, DB: Database>(
    tx: Tx<'static, DB>,
    out: R,
    convert: impl FnOnce(Error) -> R::Err + Send,
) -> R {
    R::from_result(transaction::finish(tx, out.into_result(), convert).await)
}

/// See [`transaction::Retry::finish`].
pub async fn finish_or_retry<R: ResultLike, DB: Database>(
    retry: &mut transaction::Retry,
    tx: Tx<'static, DB>,
    out: R,
    convert: impl FnOnce(Error) -> R::Err + Send,
    is_transient: impl FnOnce(&R::Err) -> bool + Send,
) -> Option<R> {
    retry.finish(tx, out.into_result(), convert, is_transient).await.map(R::from_result)
}

/// See [`Savepoint::close`].
pub async fn close<R: ResultLike, T: Joined + Send>(
    savepoint: Savepoint<'_, T>,
    out: R,
    convert: impl FnOnce(Error) -> R::Err + Send,
) -> R {
    R::from_result(savepoint.close(out.into_result(), convert).await)
}
