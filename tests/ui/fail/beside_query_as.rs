//! A typed query on a pool.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    let _row: (i32,) = sqlx::query_as("SELECT 1").fetch_one(&app.pool).await?;
    Ok(())
}

fn main() {}
// gate: statement | a typed query on a pool | net 1
