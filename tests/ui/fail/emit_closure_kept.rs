//! A closure that outlives its run in a collection.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut all: Vec<Box<dyn Fn(i64) + '_>> = Vec::new();
    all.push(Box::new(|account| emit!(Opened { account })));
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    all.iter().for_each(|each| each(1));
    Ok(())
}

fn main() {}
