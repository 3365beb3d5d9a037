//! The PostgreSQL store against a real server: one test per rule, each of which fails without its rule.

mod adopt;
mod cluster;
mod crash;
mod fleet;
mod readers;
mod reading;
mod roles;
mod room;
mod settling;
mod support;
mod waking;
mod writing;
