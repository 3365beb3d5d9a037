//! A denied type behind an `Arc`.
use outbox::{deny_raw, transactional_event};
use sqlx::PgPool;

struct Publisher;

impl Publisher {
    fn announce(&self) {}
}

deny_raw!(Publisher);

struct App {
    pool: PgPool,
    publisher: std::sync::Arc<Publisher>,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    app.publisher.announce();
    Ok(())
}

fn main() {}
// gate: send | a denied type behind an `Arc` | nets 1, 3
