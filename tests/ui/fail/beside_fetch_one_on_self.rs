//! A query on the handler's own pool.
use outbox::transactional_event;
use sqlx::PgPool;

struct App {
    pool: PgPool,
}

impl App {
    #[transactional_event(tx = self.pool)]
    async fn open(&self) -> Result<(), sqlx::Error> {
        let _one: i32 = sqlx::query_scalar("SELECT 1").fetch_one(&self.pool).await?;
        Ok(())
    }
}

fn main() {}
// gate: statement | a query on the handler's own pool | net 1
