//! Real runs through the macros, on SQLite: what is stored after each way out of a handler.

mod batching;
mod emit;
mod joins;
mod opens;
mod postgres;
mod support;
