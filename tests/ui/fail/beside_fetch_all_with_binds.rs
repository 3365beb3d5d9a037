//! A query with arguments on a pool.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    let _rows = sqlx::query("SELECT $1, $2").bind(1).bind("x").fetch_all(&app.pool).await?;
    Ok(())
}

fn main() {}
// gate: statement | a query with arguments on a pool | net 1
