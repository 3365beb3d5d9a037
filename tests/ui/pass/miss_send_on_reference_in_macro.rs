#![deny(warnings)]
//! A local that is exactly `&Producer`, inside a macro that takes tokens.
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

macro_rules! twice {
    ($($all:tt)*) => {
        ($($all)*, $($all)*)
    };
}

#[transactional_event(tx = app.pool)]
pub async fn open(app: &App) -> Result<(), sqlx::Error> {
    let producer = app.producer();
    let _sent = twice!(producer.send(BaseRecord::to("bank.accounts").key("1").payload("x")).is_ok());
    Ok(())
}

fn main() {}
// gate: send | a local `&Producer` inside a macro that the attribute does not know | missed by 1; nets 2, 3
