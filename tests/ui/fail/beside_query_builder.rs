//! A built query on a pool.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    let mut builder = sqlx::QueryBuilder::<sqlx::Postgres>::new("DELETE FROM carts WHERE id = ");
    builder.push_bind(1).build().execute(&app.pool).await?;
    Ok(())
}

fn main() {}
// gate: statement | a built query on a pool | net 1
