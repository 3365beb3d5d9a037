//! A closure that is called after an await.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    let each = |account| emit!(Opened { account });
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    each(1);
    Ok(())
}

fn main() {}
