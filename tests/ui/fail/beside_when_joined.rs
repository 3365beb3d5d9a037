//! A statement on a pool, in a handler that joins a transaction.
use outbox::transactional_event;
use sqlx::{PgPool, Postgres, Transaction};

struct App {
    pool: PgPool,
}

#[transactional_event()]
async fn open(app: &App, tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(&app.pool).await?;
    sqlx::query("DELETE FROM orders").execute(&mut **tx).await?;
    Ok(())
}

fn main() {}
// gate: statement | a statement on a pool, in a handler that joins a transaction | net 1
