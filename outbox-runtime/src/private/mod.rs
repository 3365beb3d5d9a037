//! What generated code calls. Not for people: anything here may change in any release.

pub mod absent;
mod again;
mod classify;
mod collect;
mod convert;
mod encode;
mod outside;
#[cfg(feature = "kafka")]
mod rdkafka;
mod result;
mod ty;

pub use std::borrow::Cow;
pub use std::vec::Vec;

pub use serde::Serialize;

pub use crate::record::Emission;
pub use crate::transaction::{AsTx, Begin, BeginOptions, Insert, Isolation, Joined, Retry, body, open, savepoint};
pub use again::{Again, Argument, joined};
pub use classify::{Classify, HasSource, ViaError, ViaRetryable, ViaSource};
pub use collect::{Collected, Collector};
pub use convert::{Convert, FromDatabase, Leave, ViaDatabase, ViaOurs, leave};
pub use encode::{Each, Encoded, Iterates, NotEach, Probe, Several, array, record, records};
pub use outside::{Beside, InJoined, InOpened, Sql, Statement, Within, refused};
#[cfg(feature = "kafka")]
pub use rdkafka::shadow;
pub use result::{ResultLike, close, failed, finish, finish_or_retry};
pub use ty::{ByDeref, Client, Direct, Found, InTransaction, Raw, Ty, TyOf};

/// Hands `value` on; what stands before it is the check of its receiver.
pub fn pass<T>((): (), value: T) -> T {
    value
}

/// Hands `value` on; what stands behind it is done once it is known.
pub fn after<T>(value: T, (): ()) -> T {
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
