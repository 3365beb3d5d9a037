//! Missed: a local `&Producer` in a macro with a syntax of its own. The clippy preset catches it.
use outbox::transactional_event;
use rdkafka::producer::{BaseProducer, BaseRecord};
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producers: Vec<BaseProducer>,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    for producer in &app.producers {
        tokio::select! {
            _ = async { producer.send(BaseRecord::to("bank.accounts").key("1").payload("x")).ok() } => {}
        }
    }
    Ok(())
}

fn main() {}
// gate: send | a local `&Producer` in a macro with a syntax of its own | missed by 1; nets 2, 3
