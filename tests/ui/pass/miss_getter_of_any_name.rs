//! Missed: the result of a getter whose name does not speak of sending, handed to a helper. The clippy preset catches the helper.
use outbox::transactional_event;
use rdkafka::producer::BaseProducer;
use sqlx::PgPool;

struct App {
    pool: PgPool,
    producer: BaseProducer,
}

impl App {
    fn handle(&self) -> &BaseProducer {
        &self.producer
    }
}

fn announce(_: &BaseProducer) {}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    announce(app.handle());
    Ok(())
}

fn main() {}
// gate: send | `helper(app.outlet())`: the result of a getter whose name does not speak of sending | missed by 1; nets 2, 3
