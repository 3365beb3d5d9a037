//! A body that says something else than the alias.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

type BankResult<T> = Result<T, sqlx::Error>;

#[transactional_event(tx = pool, retry = 1)]
async fn open(pool: &PgPool) -> BankResult<i64> {
    emit!(Opened { account: 1 });
    Ok("one")
}

fn main() {}
