//! An optional pool.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
    other: Option<PgPool>,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(app.other.as_ref().unwrap()).await?;
    Ok(())
}

fn main() {}
// gate: statement | an optional pool | net 1
