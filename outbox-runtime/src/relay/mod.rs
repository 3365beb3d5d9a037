//! The relay: store → sink.
