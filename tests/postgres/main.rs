//! The PostgreSQL store against a real server: one test per rule, each of which fails without its rule.

mod adopt;
mod cluster;
mod crash;
mod delayed;
mod fleet;
mod held_xmin;
mod long_writers;
mod property;
mod readers;
mod reading;
mod ring;
mod roles;
mod room;
mod settling;
mod support;
mod vanish;
mod waking;
mod writing;
