use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = account)]
async fn open(account: i64) -> Result<(), sqlx::Error> {
    emit!(Opened { account });
    Ok(())
}

async fn used(_: &PgPool) {}

fn main() {}
