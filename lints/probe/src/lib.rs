//! Each line of the presets is hit here at least once, and each line after a `// hits:` by exactly what that names.
//!
//! Nothing of this runs. `outbox-cli/tests/cli/presets.rs` runs clippy on it and compares.
#![warn(clippy::disallowed_methods, clippy::disallowed_types)]
#![allow(dead_code)]

mod innocent;
mod of_kafka;
mod of_krafka;
mod of_rdkafka;
mod of_rskafka;
mod of_samsa;
