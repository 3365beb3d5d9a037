//! The relay: store → sink.

#[doc(hidden)]
pub mod machine;
