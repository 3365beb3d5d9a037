//! The schema lock: a change of an event that old consumers cannot read fails `cargo test`.
//!
//! Beside the flow: it runs in the tests of the crate that defines the events, through
//! `#[event(schema_lock)]`, and compares their JSON schemas with the file `events.lock` beside the crate's `Cargo.toml`.
//! Commit that file.
//!
//! # The rules
//! Producers are deployed while consumers of yesterday's code run, and records of today are read by them. So the
//! question is: *can code that was written for the locked schema read what is written now?* Such code skips fields
//! that it does not know, as serde does unless told otherwise.
//!
//! | Change under the same version | | Why |
//! |---|---|---|
//! | a field is added, optional or not | passes | old code skips it |
//! | a field is removed or renamed, an optional one too | fails | code that uses it finds nothing, silently if it was optional |
//! | a field that was always there may be missing, or may be null | fails | old code has no answer for that |
//! | a field that could be missing or null is always there now | passes | old code reads both |
//! | another type or format (`i64` → `String`, `i32` → `i64`, `f32` → `f64`) | fails | old code cannot read it, or not all of it |
//! | a smaller integer (`i64` → `i32`, `i64` → `u32`) | passes | each of its values is one of the old type |
//! | an enum gets a variant | fails | old code does not know it |
//! | an enum loses a variant | passes | old code waits for it in vain, and reads the rest |
//! | a limit is wider or gone (`#[schemars(range)]`, an array's length) | fails | old code may rely on it |
//! | a limit is narrower or new | passes | what is written is still within |
//! | a payload becomes a tombstone, or the other way | fails | old code expects the other |
//! | an event's `name` is changed | fails | consumers choose events by name, and would wait for the old one |
//! | documentation, the Rust names of types, the order of fields | passes | they are not on the wire |
//!
//! The other direction is not checked: *new* code that reads *old* records (a replay, a slow consumer). Give fields
//! that are added `#[serde(default)]` where the event is read.
//!
//! # What to do when it fails
//! Put the old shape back, or raise `version`: both versions are then in the file, and consumers tell them apart by the
//! header `ce_dataschema`. Versions stay in the file for good: records of them may still be read. Where a version
//! was never published, delete its entry from the file and run the test again. A new name is accepted by
//! `OUTBOX_UPDATE_LOCK=1 cargo test`.
//!
//! # When the file is written
//! New events, new versions and changes that pass are written by the test itself, which passes; see them in the diff of
//! your next commit. With the environment variable `CI` set (and not `false` or `0`) nothing is written and a file that
//! is not up to date fails; `OUTBOX_UPDATE_LOCK=1` writes there too. Any number of tests, threads and test
//! programs may write at once: each locks the file, reads it, and adds its own.

mod cases;
mod compare;
mod diff;
mod file;
mod lock;
mod schema;

use std::path::{Path, PathBuf};

pub use file::{LockError, Mode, check_file};
pub use schema::{Locked, schema};
pub use serde_json::Value;

/// Name of the file, beside the crate's `Cargo.toml`.
pub const FILE: &str = "events.lock";

/// One event of one version, as the code has it now.
#[derive(Debug, Clone, PartialEq)]
pub struct EventSchema {
    /// Path of the Rust type in its crate, to tell a renamed event from a new one.
    pub type_path: String,
    /// Name of the event.
    pub name: String,
    /// Version of the event.
    pub version: u32,
    /// JSON schema of the payload, from [`schema()`]; null for a tombstone.
    pub schema: Value,
}

impl EventSchema {
    /// The event `name` of `version`. `type_path` starts with the name of the crate (or of the test program), as
    /// `module_path!()` does; that is left out.
    pub fn new(type_path: &str, name: &str, version: u32, schema: Value) -> Self {
        let type_path = type_path.split_once("::").map_or(type_path, |(_, rest)| rest);
        Self { type_path: type_path.to_owned(), name: name.to_owned(), version, schema }
    }
}

/// Checks `events` against the `events.lock` of the crate in `manifest_dir`. What `#[event(schema_lock)]` calls; call
/// it from a test of your own for an event that implements `Event` by hand.
///
/// # Panics
/// With the differences and what to do, when the check fails.
#[track_caller]
pub fn check(manifest_dir: &str, events: &[EventSchema]) {
    // Where cargo runs the tests of a moved build, the place of the build is not the place of the sources.
    let place = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(manifest_dir), PathBuf::from);
    if let Err(error) = check_file(&Path::new(&place).join(FILE), Mode::from_env(), events) {
        panic!("{error}");
    }
}
