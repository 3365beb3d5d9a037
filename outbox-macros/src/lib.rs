//! Procedural macros of outbox.

