use outbox::transactional_event;
use rdkafka::producer::{BaseProducer, BaseRecord};
use sqlx::PgPool;

macro_rules! twice {
    ($call:expr) => {
        ($call, $call)
    };
}

struct App {
    pool: PgPool,
    producer: std::sync::Arc<BaseProducer>,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    let _sent = twice!(app.producer.send(BaseRecord::to("bank.accounts").key("1").payload("x")).is_ok());
    Ok(())
}

fn main() {}
// gate: send | a send inside a macro of the crate | nets 1, 2, 3
