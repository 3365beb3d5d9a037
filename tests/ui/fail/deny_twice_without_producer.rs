//! A type that is denied by its name and by its trait.
use outbox::{deny_raw, transactional_event};
use sqlx::PgPool;

trait Publish {}

struct Publisher;

impl Publisher {
    fn announce(&self) {}
}

impl Publish for Publisher {}

deny_raw!(Publisher, trait Publish);

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
// gate: send | a type that is denied by its name and by its trait | nets 1, 3
