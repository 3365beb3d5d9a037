//! The `outbox` program as a user runs it.

#[allow(dead_code, reason = "shared with the tests of the sink")]
#[path = "../../../tests/kafka/cluster.rs"]
mod broker;
mod check;
#[allow(dead_code, reason = "shared with the tests of the store")]
#[path = "../../../tests/postgres/cluster.rs"]
mod cluster;
mod doctor;
mod explain;
mod init;
mod logs;
mod operate;
mod paused;
mod presets;
mod registry;
mod serve;
mod support;
