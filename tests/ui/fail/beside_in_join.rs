//! A statement on a pool, in a macro.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    let (done, _) = tokio::join!(sqlx::query("DELETE FROM carts").execute(&app.pool), async {});
    done?;
    Ok(())
}

fn main() {}
// gate: statement | a statement on a pool, in a macro | net 1
