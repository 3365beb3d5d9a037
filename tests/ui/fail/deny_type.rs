//! A type that was denied, whatever its methods are called.
use outbox::{deny_raw, transactional_event};
use sqlx::PgPool;

struct Publisher;

impl Publisher {
    fn announce(&self) {}
}

deny_raw!(Publisher);

struct App {
    pool: PgPool,
    publisher: Publisher,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    app.publisher.announce();
    Ok(())
}

fn main() {}
// gate: send | a type that `deny_raw!` was told of, whatever its methods are called | nets 1, 3
