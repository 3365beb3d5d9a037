//! What generated code calls. Not for people: anything here may change in any release.

pub mod absent;
mod convert;
mod outside;
#[cfg(feature = "kafka")]
mod rdkafka;
mod result;
mod ty;

pub use std::borrow::Cow;
pub use std::vec::Vec;

pub use serde::Serialize;

pub use crate::transaction::{AsTx, Begin, finish};
pub use convert::{Convert, FromDatabase, ViaDatabase, ViaOurs};
pub use outside::{Beside, InJoined, InOpened, Pooled, Sql, Statement, Within, refused};
#[cfg(feature = "kafka")]
pub use rdkafka::shadow;
pub use result::ResultLike;
pub use ty::{ByDeref, Client, Direct, Found, InTransaction, Raw, Ty, TyOf};

use crate::{Error, Event, Record};

/// Encodes the event of an `emit!`, before the transaction is borrowed.
pub fn record<E: Event + ?Sized>(event: &E) -> Result<Record, Error> {
    Record::new(event)
}

/// An error of `emit!` where only the block around it knows the handler's error type.
pub fn database_error(error: Error) -> sqlx::Error {
    error.into()
}

/// Hands `value` on; what stands before it is the check of its receiver.
pub fn pass<T>((): (), value: T) -> T {
    value
}

/// End of a branch that is there for its types and never runs.
pub fn never() -> ! {
    unreachable!("this branch of generated code is never taken")
}

/// The payload of a derived event.
///
/// # Errors
/// Values that JSON cannot hold.
pub fn json<E: serde::Serialize>(event: &E) -> Result<Option<Vec<u8>>, crate::event::BoxError> {
    Ok(Some(serde_json::to_vec(event)?))
}

/// Without a Kafka client nothing needs a shadow.
#[cfg(not(feature = "kafka"))]
pub mod shadow {}
