//! Statements of a log in a named schema: their texts name the tables alone, and get the schema on the way to the server.
//!
//! Not a `search_path`: a session's setting is another client's behind a transaction pooler (T22). Stands beside the flow:
//! [`transaction`](crate::transaction) writes through it, [`store`](crate::store) reads through it.

mod executor;
mod names;
mod pool;

pub(crate) use executor::On;
pub(crate) use names::{Names, TABLES};
pub(crate) use pool::LogPool;
