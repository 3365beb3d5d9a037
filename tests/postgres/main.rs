//! The PostgreSQL store against a real server: one test per rule, each of which fails without its rule.

mod cluster;
mod crash;
mod readers;
mod reading;
mod room;
mod settling;
mod support;
mod writing;
