//! The batch producer of `rskafka`.
use outbox::transactional_event;
use rskafka::client::producer::BatchProducer;
use rskafka::client::producer::aggregator::RecordAggregator;
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producer: BatchProducer<RecordAggregator>,
}

fn helper<T>(_: &T) {}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    helper(&app.producer);
    Ok(())
}

fn main() {}
// gate: send | the batch producer of `rskafka` | nets 1, 2, 3
