//! The whole way of an event on real servers: handler → PostgreSQL → relay → Apache Kafka → consumer.

mod bad_input;
mod bank;
mod http;
mod kafka;
mod long_writers;
mod postgres;

/// The address of a server, which `cargo xtask test` sets.
fn server(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: run the tests with `cargo xtask test`, which starts the servers they need")
    })
}
