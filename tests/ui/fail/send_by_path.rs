use outbox::transactional_event;
use rdkafka::producer::{BaseProducer, BaseRecord};
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producer: BaseProducer,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    BaseProducer::send(&app.producer, BaseRecord::to("bank.accounts").key("1").payload("x")).ok();
    Ok(())
}

fn main() {}
// gate: send | `BaseProducer::send(&producer, …)` | nets 1, 2, 3
