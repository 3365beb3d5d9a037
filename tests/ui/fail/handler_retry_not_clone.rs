//! An argument that is used up by the first attempt.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

struct Order {
    account: i64,
}

#[transactional_event(tx = pool, retry = 3)]
async fn open(pool: &PgPool, order: Order) -> Result<(), sqlx::Error> {
    emit!(Opened { account: order.account });
    Ok(())
}

fn main() {}
