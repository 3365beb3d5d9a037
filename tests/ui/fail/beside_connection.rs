//! A connection of the caller's beside the transaction.
use outbox::transactional_event;
use sqlx::{PgConnection, PgPool};

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(&mut *conn).await?;
    Ok(())
}

fn main() {}
// gate: statement | a connection of the caller's beside the transaction | net 1
