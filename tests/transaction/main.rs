//! The writing side on real databases: what a handler does between begin and commit, and what can go wrong there.
//!
//! The handlers here are written as `#[transactional_event]` expands them. Tests are named after traps and rules.

mod cancel;
mod commit;
mod errors;
mod executor;
mod insert;
mod joined;
mod proxy;
mod sqlite;
mod support;
mod swallowed;
