//! The Kafka sink on a real broker, and on librdkafka's in-process cluster where a fault has to be injected.

mod classes;
mod cluster;
mod common;
mod drain;
mod faults;
mod key_partition;
mod memory;
mod order;
mod settings;
mod topics;
mod transactions;
