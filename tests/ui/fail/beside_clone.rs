//! A clone of a pool is the same pool.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(&app.pool.clone()).await?;
    Ok(())
}

fn main() {}
// gate: statement | a clone of a pool is the same pool | net 1
