//! A denied type, in a macro with a syntax of its own.
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
    tokio::select! {
        _ = async { app.publisher.announce() } => {}
        else => {}
    }
    Ok(())
}

fn main() {}
// gate: send | a denied type, in a macro with a syntax of its own | nets 1, 3
