//! The whole way of an event on real servers: handler → PostgreSQL → relay → Apache Kafka → consumer.

mod bad_input;
mod bank;
mod exactly_once;
mod hostile;
mod http;
mod kafka;
mod long_writers;
mod parked;
mod postgres;
mod quickstart;

/// An example as a program: they are built beside the tests, in `target/<profile>/examples`.
fn example(name: &str) -> std::path::PathBuf {
    let test = std::env::current_exe().expect("the test's path");
    let profile = test.parent().and_then(|deps| deps.parent()).expect("target/<profile>/deps");
    profile.join("examples").join(name)
}

/// The address of a server, which `cargo xtask test` sets.
fn server(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: run the tests with `cargo xtask test`, which starts the servers they need")
    })
}
