//! A trait object of a denied trait.
use outbox::{deny_raw, transactional_event};
use sqlx::PgPool;

trait Publish {
    fn publish(&self);
}

deny_raw!(trait Publish);

struct App {
    pool: PgPool,
    publisher: Box<dyn Publish>,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    app.publisher.publish();
    Ok(())
}

fn main() {}
// gate: send | a trait object of a denied trait | nets 1, 3
