//! A relay of its own that delivers exactly once: PostgreSQL to Kafka, for consumers with `isolation.level=read_committed`.
//!
//! ```text
//! DATABASE_URL=postgres://postgres@localhost/postgres KAFKA_BROKERS=localhost:9092 cargo run --example exactly_once
//! ```
//!
//! Start it twice: one relays, the other stands by. Kill either whenever you like: a consumer of committed messages sees
//! every event once. `outbox relay --delivery exactly-once` is the same as a program.

use std::time::Duration;

use outbox::relay::{Delivery, Relay, shutdown_signal};
use outbox::sink::KafkaSink;
use outbox::store::PostgresStore;
use sqlx::PgPool;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let pool = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    let sink = KafkaSink::new(std::env::var("KAFKA_BROKERS")?)?;
    let relay = Relay::builder(PostgresStore::new(pool), sink)
        .delivery(Delivery::ExactlyOnce)
        .lease(Duration::from_secs(3))
        .build();
    relay.run(shutdown_signal()).await?;
    Ok(())
}
