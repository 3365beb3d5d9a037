//! The PostgreSQL store against a real server: one test per rule, each of which fails without its rule.

mod cluster;
mod crash;
mod held_xmin;
mod long_writers;
mod property;
mod readers;
mod reading;
mod ring;
mod room;
mod settling;
mod support;
mod writing;
