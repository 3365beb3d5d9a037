//! A send through a type that derefs to a producer.
use outbox::transactional_event;
use rdkafka::producer::{BaseProducer, BaseRecord};
use sqlx::PgPool;

struct Ours(BaseProducer);

impl std::ops::Deref for Ours {
    type Target = BaseProducer;

    fn deref(&self) -> &BaseProducer {
        &self.0
    }
}

struct App {
    pool: PgPool,
    producer: Ours,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    app.producer.send(BaseRecord::to("bank.accounts").key("1").payload("x")).ok();
    Ok(())
}

fn main() {}
// gate: send | a send through a type that derefs to a producer | nets 1, 2, 3
