//! Real runs through the macros, on SQLite and PostgreSQL: what is stored after each way out of a handler.

mod batching;
mod derive;
mod emit;
mod isolation;
mod joins;
mod logs;
mod nested;
mod opens;
mod postgres;
mod retry;
mod runs;
mod savepoint;
mod schema_lock;
mod support;
