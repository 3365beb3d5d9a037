//! What generated code calls. Not for people: anything here may change in any release.

mod convert;
mod event;
#[cfg(feature = "kafka")]
mod rdkafka;
mod result;
mod schema_lock;
mod ty;

pub use std::borrow::Cow;
pub use std::vec::Vec;

pub use crate::transaction::{AsTx, Begin, finish};
pub use convert::{Convert, FromDatabase, ViaDatabase, ViaOurs};
pub use event::{Topic, header, json, key, payload, tombstone, topic};
#[cfg(feature = "kafka")]
pub use rdkafka::shadow;
pub use result::ResultLike;
pub use schema_lock::schema_lock;
#[cfg(feature = "schema")]
pub use schemars;
pub use ty::{Accept, ByDeref, Direct, InTransaction, Raw, Refuse, Ty, TyOf};

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

/// Without a Kafka client nothing needs a shadow.
#[cfg(not(feature = "kafka"))]
pub mod shadow {}
