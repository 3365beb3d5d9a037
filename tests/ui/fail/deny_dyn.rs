//! A trait object that was denied.
use outbox::{deny_raw, transactional_event};
use sqlx::PgPool;

trait Publish {
    fn publish(&self);
}

deny_raw!(dyn Publish);

struct App {
    pool: PgPool,
    publisher: std::sync::Arc<dyn Publish + Send + Sync>,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    app.publisher.publish();
    Ok(())
}

fn main() {}
// gate: send | a trait object that `deny_raw!` was told of | nets 1, 3
