//! A denied type from a getter.
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

impl App {
    fn publisher(&self) -> &Publisher {
        &self.publisher
    }
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    app.publisher().announce();
    Ok(())
}

fn main() {}
// gate: send | a denied type from a getter | nets 1, 3
