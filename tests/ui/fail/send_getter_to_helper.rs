//! The result of a getter, handed to a helper.
use outbox::transactional_event;
use rdkafka::producer::BaseProducer;
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producer: BaseProducer,
}

impl App {
    fn producer(&self) -> &BaseProducer {
        &self.producer
    }
}

fn announce(_: &BaseProducer) {}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    announce(app.producer());
    Ok(())
}

fn main() {}
// gate: send | `helper(app.producer())`: a getter's result handed on | nets 1, 2, 3
