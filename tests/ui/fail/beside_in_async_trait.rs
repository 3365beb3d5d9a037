//! A statement on a pool, in an `#[async_trait]` method.
use outbox::transactional_event;
use sqlx::{PgPool, Postgres, Transaction};

struct App {
    pool: PgPool,
}

#[async_trait::async_trait]
trait Bank {
    async fn open(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error>;
}

#[async_trait::async_trait]
impl Bank for App {
    #[transactional_event]
    async fn open(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM carts").execute(&self.pool).await?;
        sqlx::query("DELETE FROM orders").execute(&mut **tx).await?;
        Ok(())
    }
}

fn main() {}
// gate: statement | a statement on a pool, in an `#[async_trait]` method | net 1
