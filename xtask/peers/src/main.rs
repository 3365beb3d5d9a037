//! A published crate that relays PostgreSQL to Kafka, as a contestant of `cargo xtask bench`, which starts this program with
//! a schema and a topic of its own, reads the topic back and verifies it.
//!
//! `outbox-bench-peers PEER`: fills the peer's table with `BENCH_EVENTS` events, relays them, prints a line of JSON with the
//! rate. Every peer sends with the same producer and the same headers, as far as it lets its user choose.

mod kafka;
mod modkit;
mod oxide;
mod ruststream_inbox;

use std::time::Instant;

use anyhow::{Context, Result, bail};

/// As the relay program has it.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What the bench gives.
struct Run {
    /// Its search path is the schema.
    database: String,
    brokers: String,
    topic: String,
    events: u32,
    /// SQL of the key and of the payload of event `n`.
    key_sql: String,
    payload_sql: String,
}

impl Run {
    fn from_env() -> Result<Self> {
        let var = |name: &str| std::env::var(name).with_context(|| format!("{name} is not set"));
        Ok(Self {
            database: var("DATABASE_URL")?,
            brokers: var("KAFKA_BROKERS")?,
            topic: var("BENCH_TOPIC")?,
            events: var("BENCH_EVENTS")?.parse()?,
            key_sql: var("BENCH_KEY_SQL")?,
            payload_sql: var("BENCH_PAYLOAD_SQL")?,
        })
    }

    /// Events per second since `began`.
    fn rate(&self, began: Instant) -> f64 {
        f64::from(self.events) / began.elapsed().as_secs_f64()
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let peer = std::env::args().nth(1).context("usage: outbox-bench-peers PEER")?;
    let run = Run::from_env()?;
    let rate = match &*peer {
        "cf-modkit-db" => modkit::drain(&run).await?,
        "outbox-postgres" => oxide::drain(&run).await?,
        "ruststream-sqlx" => ruststream_inbox::drain(&run).await?,
        _ => bail!("`{peer}` is no peer"),
    };
    println!("{}", serde_json::json!({ "rate": rate }));
    Ok(())
}
