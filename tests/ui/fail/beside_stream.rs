//! A stream from a pool.
use futures_util::TryStreamExt;
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    let mut rows = sqlx::query("SELECT 1").fetch(&app.pool);
    while rows.try_next().await?.is_some() {}
    Ok(())
}

fn main() {}
// gate: statement | a stream from a pool | net 1
