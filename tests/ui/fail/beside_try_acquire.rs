//! A connection of its own, if there is one.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    let _conn = app.pool.try_acquire();
    Ok(())
}

fn main() {}
// gate: statement | a connection of its own, if there is one | net 1
