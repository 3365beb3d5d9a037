//! Procedural macros of outbox.
