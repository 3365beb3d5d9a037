//! A pool from a getter.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

impl App {
    fn pool(&self) -> &PgPool {
        &self.pool
    }
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(app.pool()).await?;
    Ok(())
}

fn main() {}
// gate: statement | a pool from a getter | net 1
