//! A producer that is one of several: told once, where it sends.
use std::sync::Arc;

use outbox::transactional_event;
use rdkafka::producer::{FutureProducer, FutureRecord};
use sqlx::PgPool;

struct App {
    pool: PgPool,
    main: FutureProducer,
    spare: Arc<FutureProducer>,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App, spare: bool) -> Result<(), sqlx::Error> {
    let producer = match spare {
        true => &*app.spare,
        false => &app.main,
    };
    producer.send_result(FutureRecord::<str, str>::to("accounts")).ok();
    Ok(())
}

fn main() {}
// gate: send | a producer that is one of several | nets 1, 2, 3
