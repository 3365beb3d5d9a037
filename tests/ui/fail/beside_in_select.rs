//! A statement on a pool, in a macro with a syntax of its own.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    tokio::select! {
        done = sqlx::query("DELETE FROM carts").execute(&app.pool) => { done?; }
        else => {}
    }
    Ok(())
}

fn main() {}
// gate: statement | a statement on a pool, in a macro with a syntax of its own | net 1
