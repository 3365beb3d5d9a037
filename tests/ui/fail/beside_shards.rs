//! Each pool of many.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
    shards: Vec<PgPool>,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    for shard in &app.shards {
        sqlx::query("DELETE FROM carts").execute(shard).await?;
    }
    Ok(())
}

fn main() {}
// gate: statement | each pool of many | net 1
