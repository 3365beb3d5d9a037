use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[async_trait::async_trait]
trait Bank {
    async fn open(&self) -> Result<(), sqlx::Error>;
}

struct Postgres {
    pool: PgPool,
}

#[async_trait::async_trait]
impl Bank for Postgres {
    #[transactional_event(tx = self.pool)]
    async fn open(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&mut *tx).await?;
        emit!(Opened { account: 1 });
        Ok(())
    }
}

fn main() {}
