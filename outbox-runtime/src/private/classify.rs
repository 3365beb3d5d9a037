//! Is a handler's error one after which the body is run again? By the type's own word, else by its source chain.
//!
//! Autoref specialization: `(&&&Classify(&error)).is_transient()` finds [`ViaRetryable`] two references before
//! [`ViaSource`], and [`ViaError`] one.

use std::error::Error as StdError;
use std::ops::Deref;

use crate::transaction::{Retryable, is_transient};

/// The handler's error.
pub struct Classify<'e, E>(pub &'e E);

/// For error types that decide themselves.
pub trait ViaRetryable {
    /// Decides.
    fn is_transient(&self) -> bool;
}

impl<E: Retryable> ViaRetryable for &&Classify<'_, E> {
    fn is_transient(&self) -> bool {
        self.0.is_retryable()
    }
}

/// For errors as std knows them.
pub trait ViaError {
    /// Decides.
    fn is_transient(&self) -> bool;
}

impl<E: StdError + 'static> ViaError for &Classify<'_, E> {
    fn is_transient(&self) -> bool {
        is_transient(self.0)
    }
}

/// For all others.
pub trait ViaSource<E> {
    /// Decides.
    fn is_transient(&self) -> bool
    where
        E: HasSource;
}

impl<E> ViaSource<E> for Classify<'_, E> {
    fn is_transient(&self) -> bool
    where
        E: HasSource,
    {
        is_transient(self.0.error())
    }
}

/// An error, or something that derefs to one, like `anyhow::Error` and `Box<dyn Error>`.
#[diagnostic::on_unimplemented(
    message = "`retry` cannot see a database error in the handler's error type `{Self}` [OBX-013]",
    label = "neither `std::error::Error` nor something that derefs to `dyn Error`, nor `outbox::Retryable`",
    note = "implement `std::error::Error` with the database's error as its source, or `outbox::Retryable` to decide yourself"
)]
pub trait HasSource {
    /// The error.
    fn error(&self) -> &(dyn StdError + 'static);
}

impl<E: Deref<Target: DynError>> HasSource for E {
    fn error(&self) -> &(dyn StdError + 'static) {
        (**self).as_dyn()
    }
}

/// `dyn Error`, with or without auto traits.
pub trait DynError {
    /// Without.
    fn as_dyn(&self) -> &(dyn StdError + 'static);
}

macro_rules! dyn_error {
    ($($ty:ty),+) => {$(
        impl DynError for $ty {
            fn as_dyn(&self) -> &(dyn StdError + 'static) {
                self
            }
        }
    )+};
}
dyn_error!(dyn StdError, dyn StdError + Send, dyn StdError + Send + Sync);
