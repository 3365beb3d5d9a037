//! A pool that got a local name.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    let db = &app.pool;
    sqlx::query("DELETE FROM carts").execute(db).await?;
    Ok(())
}

fn main() {}
// gate: statement | a pool that got a local name | net 1
