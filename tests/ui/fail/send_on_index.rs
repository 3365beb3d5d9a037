use outbox::transactional_event;
use rdkafka::producer::{BaseProducer, BaseRecord};
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producers: Vec<BaseProducer>,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App, account: usize) -> Result<(), sqlx::Error> {
    let record = BaseRecord::to("bank.accounts").key("1").payload("x");
    app.producers[account % app.producers.len()].send(record).ok();
    Ok(())
}

fn main() {}
// gate: send | `producers[i].send(…)` | nets 1, 2, 3
