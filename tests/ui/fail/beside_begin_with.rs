//! A second transaction, with words of its own.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    let _other = app.pool.begin_with("BEGIN READ ONLY").await?;
    Ok(())
}

fn main() {}
// gate: statement | a second transaction, with words of its own | net 1
