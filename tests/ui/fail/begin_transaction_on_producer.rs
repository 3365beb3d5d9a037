use outbox::transactional_event;
use rdkafka::producer::{BaseProducer, Producer};
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producer: BaseProducer,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    app.producer.begin_transaction().ok();
    Ok(())
}

fn main() {}
// gate: send | `producer.begin_transaction()` | nets 1, 2, 3
