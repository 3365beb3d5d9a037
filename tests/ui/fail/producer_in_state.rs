use axum::extract::State;
use outbox::transactional_event;
use rdkafka::producer::BaseProducer;
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, State(producer): State<BaseProducer>) -> Result<(), sqlx::Error> {
    let _ = producer;
    Ok(())
}

fn main() {}
// gate: send | a producer in an extractor: `State<BaseProducer>` | nets 1, 2, 3
