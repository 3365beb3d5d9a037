//! A statement on a pool, in a closure.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    let clear = || async { sqlx::query("DELETE FROM carts").execute(&app.pool).await };
    clear().await?;
    Ok(())
}

fn main() {}
// gate: statement | a statement on a pool, in a closure | net 1
