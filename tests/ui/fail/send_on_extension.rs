use axum::Extension;
use outbox::transactional_event;
use rdkafka::producer::{FutureProducer, FutureRecord};
use sqlx::PgPool;
use std::sync::Arc;
use std::time::Duration;

#[transactional_event(tx = pool)]
async fn open(pool: PgPool, Extension(producer): Extension<Arc<FutureProducer>>) -> Result<(), sqlx::Error> {
    let record = FutureRecord::to("bank.accounts").key("1").payload("x");
    producer.send(record, Duration::ZERO).await.ok();
    Ok(())
}

fn main() {}
// gate: send | `Extension(producer)`: a producer in an extractor of another kind | nets 1, 2, 3
