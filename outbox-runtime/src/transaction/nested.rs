//! Handlers inside of handlers: one that opens its own transaction in the body of another would commit on its own.
//!
//! The name of the handler whose body is being polled stands in a variable of the task: a spawned task has none, and
//! futures beside each other have their own.

use std::future::Future;

use super::{Begin, BeginOptions, Tx};
use crate::Error;

tokio::task_local! {
    static OPEN: &'static str;
}

/// Begins the transaction of `handler`, which is its path; not inside of another one's body, unless `independent`.
///
/// # Errors
/// [`Error::NestedTransaction`], and those of [`Begin::begin`].
pub async fn open<B: Begin + ?Sized>(
    from: &B,
    handler: &'static str,
    independent: bool,
    options: BeginOptions,
) -> Result<Tx<'static, B::Database>, Error> {
    match OPEN.try_with(|outer| *outer) {
        Ok(outer) if !independent => Err(Error::NestedTransaction { handler, outer }),
        _ => from.begin(options).await,
    }
}

/// The body of `handler`.
pub fn body<F: Future>(handler: &'static str, body: F) -> impl Future<Output = F::Output> {
    OPEN.scope(handler, body)
}
