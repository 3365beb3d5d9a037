//! Names: that tokens mention, that patterns bind, of written types, on the wire.

mod bound;
mod mentioned;
mod wire;
mod written;

pub(crate) use bound::{bound, rebound, same_name};
pub(crate) use mentioned::{Mentioned, mentions};
pub(crate) use wire::{HeaderProblem, header_problem, is_topic, is_version};
pub(crate) use written::{is_plain, last_name};
