//! Real runs through the macros, on SQLite: what is stored after each way out of a handler.

mod derive;
mod joins;
mod opens;
mod schema_lock;
mod support;
