use outbox::transactional_event;
use rdkafka::producer::{FutureProducer, FutureRecord};
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producer: FutureProducer,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    let record = FutureRecord::to("bank.accounts").key("1").payload("x");
    let (_sent, _) = tokio::join!(app.producer.send(record, std::time::Duration::ZERO), async {});
    Ok(())
}

fn main() {}
// gate: send | a send inside `join!` | nets 1, 2, 3
