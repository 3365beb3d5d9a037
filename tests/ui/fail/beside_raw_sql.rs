//! Raw SQL on a pool.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("DELETE FROM carts").execute(&app.pool).await?;
    Ok(())
}

fn main() {}
// gate: statement | raw SQL on a pool | net 1
