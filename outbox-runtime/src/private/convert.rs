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
