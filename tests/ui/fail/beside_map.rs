//! A mapped query on a pool.
use outbox::transactional_event;
use sqlx::{PgPool, Row};

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    let _one = sqlx::query("SELECT 1").map(|row: sqlx::postgres::PgRow| row.len()).fetch_optional(&app.pool).await?;
    Ok(())
}

fn main() {}
// gate: statement | a mapped query on a pool | net 1
