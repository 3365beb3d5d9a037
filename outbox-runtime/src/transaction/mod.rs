//! Transactions of handlers: begin and commit that cannot be cancelled, inserts that cannot be forgotten.
//!
//! Third station of the flow: an opens-handler is [`Begin::begin`], its body on a [`Tx`], then [`finish`]; `emit!` is
//! [`AsTx`] on whatever transaction the handler has. What differs between databases stands behind [`Database`].

// Without a database there is nobody to call most of this.
#![cfg_attr(not(any(feature = "postgres", feature = "sqlite")), allow(dead_code))]

mod begin;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod control;
mod database;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod executor;
mod finish;
#[cfg(feature = "postgres")]
mod in_schema;
mod insert;
mod nested;
mod notes;
mod options;
#[cfg(feature = "postgres")]
mod postgres;
mod retry;
mod savepoint;
mod shield;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod statement;
mod transient;
mod tx;

pub use begin::Begin;
pub use database::Database;
pub use finish::finish;
#[cfg(feature = "postgres")]
pub use in_schema::{InSchema, PostgresTx, in_schema};
pub use insert::{AsTx, Insert, Rows};
pub use nested::{body, open};
pub use options::{BeginOptions, Isolation};
pub use retry::Retry;
pub use savepoint::{Joined, Savepoint, savepoint};
#[cfg(feature = "postgres")]
pub(crate) use statement::Statement;
pub use transient::{Retryable, is_transient};
pub use tx::Tx;
