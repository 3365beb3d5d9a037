#![deny(warnings)]
//! What a getter returns goes straight to a helper.
use outbox::transactional_event;
use rdkafka::producer::{BaseProducer, BaseRecord};
use sqlx::PgPool;

pub struct App {
    pool: PgPool,
    producer: BaseProducer,
}

impl App {
    fn producer(&self) -> &BaseProducer {
        &self.producer
    }
}

fn announce(producer: &BaseProducer) {
    producer.send(BaseRecord::to("bank.accounts").key("1").payload("x")).ok();
}

#[transactional_event(tx = app.pool)]
pub async fn open(app: &App) -> Result<(), sqlx::Error> {
    announce(app.producer());
    Ok(())
}

fn main() {}
// gate: send | `helper(app.producer())`: a getter's result handed on | missed by 1; nets 2, 3
