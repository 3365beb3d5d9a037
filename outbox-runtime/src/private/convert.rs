//! Turns our error into the handler's: by `From<outbox::Error>` where there is one, else through `sqlx::Error`.
//!
//! Autoref specialization: `(&&Convert::<E>::new()).convert(error)` finds [`ViaOurs`] one reference earlier.

use std::marker::PhantomData;

use crate::Error;

/// The handler's error type, as a value.
pub struct Convert<E>(PhantomData<fn() -> E>);

impl<E> Convert<E> {
    /// Names `E`.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// For error types with `From<outbox::Error>`.
pub trait ViaOurs<E> {
    /// Converts.
    fn convert(&self, error: Error) -> E;
}

impl<E: From<Error>> ViaOurs<E> for &Convert<E> {
    fn convert(&self, error: Error) -> E {
        error.into()
    }
}

/// For all others.
pub trait ViaDatabase<E> {
    /// Converts.
    fn convert(&self, error: Error) -> E
    where
        E: FromDatabase;
}

impl<E> ViaDatabase<E> for Convert<E> {
    fn convert(&self, error: Error) -> E
    where
        E: FromDatabase,
    {
        E::from_database(error.into())
    }
}

/// What a block or function around an `emit!` returns when that fails; only inference knows its type.
pub fn leave<R: Leave>(error: Error) -> R
where
    R::Err: FromDatabase,
{
    R::from_err(R::Err::from_database(error.into()))
}

/// What can be returned: a `Result`.
#[diagnostic::on_unimplemented(
    message = "`emit!` can fail, and this returns `{Self}` [OBX-038]",
    label = "an error could not leave here",
    note = "return `Result<(), E>` from this function, with an error type `E` that has `From<sqlx::Error>`"
)]
pub trait Leave {
    /// The error type.
    type Err;

    /// `Err(error)`
    fn from_err(error: Self::Err) -> Self;
}

impl<T, E> Leave for Result<T, E> {
    type Err = E;

    fn from_err(error: E) -> Self {
        Err(error)
    }
}

/// `From<sqlx::Error>`, in our words when it is missing.
#[diagnostic::on_unimplemented(
    message = "the handler's error type `{Self}` has no `From<sqlx::Error>` [OBX-019]",
    label = "begin, commit and `emit!` can fail with a database error",
    note = "add a variant `#[from] sqlx::Error` (thiserror), or `impl From<sqlx::Error> for {Self}`"
)]
pub trait FromDatabase {
    /// Converts.
    fn from_database(error: sqlx::Error) -> Self;
}

impl<E: From<sqlx::Error>> FromDatabase for E {
    fn from_database(error: sqlx::Error) -> Self {
        error.into()
    }
}
