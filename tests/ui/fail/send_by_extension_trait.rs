//! A producer with a method of the user's own.
use outbox::transactional_event;
use rdkafka::producer::BaseProducer;
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producer: BaseProducer,
}

trait Announce {
    fn announce(&self);
}

impl Announce for BaseProducer {
    fn announce(&self) {}
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    app.producer.announce();
    Ok(())
}

fn main() {}
// gate: send | a producer with a method of the user's own | nets 1, 2, 3
