//! A type that implements a denied trait.
use outbox::{deny_raw, transactional_event};
use sqlx::PgPool;

trait Publish {
    fn publish(&self);
}

deny_raw!(trait Publish);

struct Ours;

impl Publish for Ours {
    fn publish(&self) {}
}

struct App {
    pool: PgPool,
    publisher: Ours,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    app.publisher.publish();
    Ok(())
}

fn main() {}
// gate: send | a type that implements a denied trait | nets 1, 3
