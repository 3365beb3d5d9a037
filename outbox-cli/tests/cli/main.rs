//! The `outbox` program as a user runs it.

mod check;
mod explain;
mod init;
mod logs;
mod operate;
mod presets;
mod registry;
mod support;
