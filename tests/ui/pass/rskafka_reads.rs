#![deny(warnings)]
//! Clients that can also produce, used to read.
use outbox::transactional_event;
use rskafka::client::partition::{OffsetAt, PartitionClient};
use sqlx::PgPool;

#[transactional_event(tx = pool)]
pub async fn lag(
    pool: &PgPool,
    client: &PartitionClient,
    kafka: &mut kafka::client::KafkaClient,
) -> Result<(), sqlx::Error> {
    let end = client.get_offset(OffsetAt::Latest).await.unwrap_or_default();
    kafka.load_metadata_all().ok();
    sqlx::query("SELECT $1").bind(end).execute(&mut *tx).await?;
    Ok(())
}

fn main() {}
