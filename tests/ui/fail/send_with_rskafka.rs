//! The client of `rskafka`.
use outbox::transactional_event;
use rskafka::client::partition::{Compression, PartitionClient};
use sqlx::PgPool;

struct App {
    pool: PgPool,
    client: PartitionClient,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    app.client.produce(Vec::new(), Compression::NoCompression).await.ok();
    Ok(())
}

fn main() {}
// gate: send | the client of `rskafka` | nets 1, 2, 3
