//! On an `impl`.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

struct Bank;

#[transactional_event(tx = pool)]
impl Bank {
    async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
        let _ = pool;
        Ok(())
    }
}

#[transactional_event(tx = pool)]
async fn used(pool: &PgPool) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

fn main() {}
