//! Whether a server answers.

use anyhow::Result;
use std::time::Duration;

/// One question; a server that starts refuses it.
pub(super) async fn check(name: &str, url: &str) -> Result<()> {
    use rdkafka::consumer::{BaseConsumer, Consumer};
    use sqlx::Connection;
    match name {
        "DATABASE_URL" => sqlx::PgConnection::connect(url).await?.close().await?,
        "MARIADB_URL" => sqlx::MySqlConnection::connect(url).await?.close().await?,
        _ => {
            let brokers = url.to_owned();
            tokio::task::spawn_blocking(move || {
                let client: BaseConsumer = rdkafka::ClientConfig::new()
                    .set("bootstrap.servers", brokers)
                    .set_log_level(rdkafka::config::RDKafkaLogLevel::Emerg)
                    .create()?;
                client.fetch_metadata(None, Duration::from_secs(1)).map(drop)
            })
            .await??;
        }
    }
    Ok(())
}
