//! A connection of its own.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    let _conn = app.pool.acquire().await?;
    Ok(())
}

fn main() {}
// gate: statement | `pool.acquire()`: a connection of its own | net 1
