//! A statement on a pool in the state.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(&app.pool).await?;
    Ok(())
}

fn main() {}
// gate: statement | `.execute(&app.pool)`: a pool in the state | net 1
