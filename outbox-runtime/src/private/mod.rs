//! What generated code calls. Not for people: anything here may change in any release.

pub mod absent;
mod again;
mod classify;
mod collect;
mod convert;
mod encode;
mod event;
mod outside;
#[cfg(feature = "kafka")]
mod rdkafka;
mod result;
mod schema_lock;
mod ty;

pub use std::borrow::Cow;
pub use std::vec::Vec;

pub use crate::record::Emission;
pub use crate::transaction::{AsTx, Begin, BeginOptions, Insert, Isolation, Joined, Retry, body, open, savepoint};
pub use again::{Again, Argument, joined};
pub use classify::{Classify, HasSource, ViaError, ViaRetryable, ViaSource};
pub use collect::{Collected, Collector};
pub use convert::{Convert, FromDatabase, Leave, ViaDatabase, ViaOurs, leave};
pub use encode::{Each, Encoded, Iterates, NotEach, Probe, Several, array, record, records};
pub use event::{Topic, header, json, key, payload, tombstone, topic};
pub use outside::{Beside, InJoined, InOpened, Pooled, Sql, Statement, Within, refused};
#[cfg(feature = "kafka")]
pub use rdkafka::shadow;
pub use result::{ResultLike, close, failed, finish, finish_or_retry};
pub use schema_lock::schema_lock;
#[cfg(feature = "schema")]
pub use schemars;
pub use ty::{ByDeref, Client, Direct, Found, InTransaction, Raw, Ty, TyOf};

/// The traits whose methods are the checks of the guard, without their names.
pub mod probes {
    pub use super::{Beside as _, Pooled as _, Raw as _, Statement as _, TyOf as _, Within as _};
}

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

/// Something of a type that is written there, in a branch that never runs.
pub fn reference<'a, T: ?Sized>() -> &'a T {
    never()
}

/// Without a Kafka client nothing needs a shadow.
#[cfg(not(feature = "kafka"))]
pub mod shadow {}
