//! A generic type that was denied.
use outbox::{deny_raw, transactional_event};
use sqlx::PgPool;

struct Topic<T>(T);

impl<T> Topic<T> {
    fn announce(&self) {}
}

deny_raw!(<T> Topic<T>);

struct App {
    pool: PgPool,
    topic: Topic<i64>,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    app.topic.announce();
    Ok(())
}

fn main() {}
// gate: send | a generic type that was denied | nets 1, 3
