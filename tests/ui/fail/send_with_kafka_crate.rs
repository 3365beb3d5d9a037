//! The `kafka` crate's producer.
use outbox::transactional_event;
use std::sync::Mutex;

use kafka::producer::{Producer, Record};
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producer: Mutex<Producer>,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    app.producer.lock().expect("not poisoned").send(&Record::from_value("bank.accounts", "x")).ok();
    Ok(())
}

fn main() {}
// gate: send | the `kafka` crate's producer | nets 1, 2, 3
