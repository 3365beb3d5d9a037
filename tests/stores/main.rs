//! The stores: one conformance suite for all of them, what is special about each, and the migrations.

mod conformance;
mod harness;
mod memory;
mod names;
mod pgbouncer;
mod postgres;
mod relay;
mod schemas;
mod sqlite;
mod sqlite_migrate;
mod sqlite_own;
