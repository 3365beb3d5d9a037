//! A pool used as an executor by the trait's path.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    sqlx::Executor::execute(&app.pool, "DELETE FROM carts").await?;
    Ok(())
}

fn main() {}
// gate: statement | a pool used as an executor by the trait's path | net 1
