//! Runtime of the [`outbox`](https://docs.rs/outbox) crate: everything behind `emit!`, from the record to the relay.
//!
//! The modules stand in the order in which an event lives: [`event`] → [`record`] → [`transaction`] → [`store`] →
//! [`relay`] → [`sink`]. Data moves one way; `store` and `sink` know neither each other nor the relay.
//! Depend on `outbox`, which re-exports what is public here.

pub mod error;
pub mod event;
mod ident;
pub mod migrate;
#[doc(hidden)]
pub mod private;
#[cfg(feature = "postgres")]
mod qualify;
pub mod record;
pub mod relay;
#[cfg(feature = "schema")]
pub mod schema_lock;
pub mod sink;
pub mod store;
pub mod telemetry;
pub mod transaction;
pub mod wake;

pub use error::Error;
pub use event::{Event, EventKey};
pub use ident::{Ident, InvalidIdent};
pub use record::Record;
