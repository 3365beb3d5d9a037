//! A producer handed to a helper.
use outbox::transactional_event;
use rdkafka::producer::BaseProducer;
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producer: BaseProducer,
}

fn announce(_: &BaseProducer) {}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    announce(&app.producer);
    Ok(())
}

fn main() {}
// gate: send | `helper(&app.producer)`: a producer handed on | nets 1, 2, 3
