//! What a developer of outbox runs, and CI too: real servers, the tests and the benches on them.

mod bench;
mod services;
mod signals;
mod test;

use clap::{Parser, Subcommand};

/// As in the relay program: what the benches measure in this process is what that program does.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

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
    /// Ratios to what the servers allow: services up, the benches, services down.
    Bench(bench::Args),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Cli::parse().task {
        Task::Services { action } => std::process::exit(services::run(action).await?),
        Task::Test { args } => std::process::exit(test::run(&args).await?),
        Task::Bench(args) => std::process::exit(bench::run(args).await?),
    }
}
