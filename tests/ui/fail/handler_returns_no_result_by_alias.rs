//! An alias for what is no `Result`.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

type Answer = Option<()>;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Answer {
    emit!(Opened { account: 1 });
    Some(())
}

fn main() {}
