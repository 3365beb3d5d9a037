//! A second transaction from a getter.
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
    let _other = app.pool().begin().await?;
    Ok(())
}

fn main() {}
// gate: statement | a second transaction from a getter | net 1
