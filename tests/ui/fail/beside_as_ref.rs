//! A pool behind an `Arc`, by `as_ref`.
use outbox::transactional_event;
use std::sync::Arc;

use sqlx::PgPool;

struct App {
    pool: Arc<PgPool>,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(app.pool.as_ref()).await?;
    Ok(())
}

fn main() {}
// gate: statement | a pool behind an `Arc`, by `as_ref` | net 1
