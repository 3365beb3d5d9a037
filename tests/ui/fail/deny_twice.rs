//! A type that is denied twice, holds a producer, and implements a denied trait.
use outbox::{deny_raw, transactional_event};
use rdkafka::producer::BaseProducer;
use sqlx::PgPool;

trait Publish {}

struct Publisher(BaseProducer);

impl Publisher {
    fn announce(&self) {}
}

impl Publish for Publisher {}

impl std::ops::Deref for Publisher {
    type Target = BaseProducer;

    fn deref(&self) -> &BaseProducer {
        &self.0
    }
}

deny_raw!(Publisher, trait Publish);
deny_raw!(Publisher);

struct App {
    pool: PgPool,
    publisher: Publisher,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    app.publisher.announce();
    Ok(())
}

fn main() {}
// gate: send | a type that is denied twice, holds a producer, and implements a denied trait | nets 1, 2, 3
