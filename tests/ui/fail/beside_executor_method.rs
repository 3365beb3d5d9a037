//! A pool used as an executor.
use outbox::transactional_event;
use sqlx::{Executor, PgPool};

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    app.pool.execute("DELETE FROM carts").await?;
    Ok(())
}

fn main() {}
// gate: statement | a pool used as an executor | net 1
