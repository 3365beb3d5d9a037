//! A second transaction.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    let mut other = app.pool.begin().await?;
    sqlx::query("DELETE FROM carts").execute(&mut *other).await?;
    Ok(())
}

fn main() {}
// gate: statement | `pool.begin()`: a second transaction | net 1
