//! A pool that is one of several.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
    spare: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App, spare: bool) -> Result<(), sqlx::Error> {
    let db = if spare { &app.spare } else { &app.pool };
    sqlx::query("DELETE FROM carts").execute(db).await?;
    Ok(())
}

fn main() {}
// gate: statement | a pool that is one of several | net 1
