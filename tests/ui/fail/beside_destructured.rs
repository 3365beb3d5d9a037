//! A pool out of a destructured parameter.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    let App { pool } = app;
    sqlx::query("DELETE FROM carts").execute(pool).await?;
    Ok(())
}

fn main() {}
// gate: statement | a pool out of a destructured parameter | net 1
