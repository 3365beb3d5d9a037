//! What a developer of outbox runs, and CI too: real servers, and the tests on them.

mod services;
mod test;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// PostgreSQL, MariaDB and Apache Kafka as local processes.
    Services {
        #[command(subcommand)]
        action: services::Action,
    },
    /// Services up, all tests, services down.
    Test {
        /// Passed on to `cargo test`.
        #[arg(last = true)]
        args: Vec<String>,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Cli::parse().task {
        Task::Services { action } => services::run(action).await,
        Task::Test { args } => std::process::exit(test::run(&args).await?),
    }
}
