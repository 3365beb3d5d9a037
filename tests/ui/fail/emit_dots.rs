//! Three dots, and headers in brackets.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    emit!(...vec![Opened { account: 1 }]);
    emit!(Opened { account: 1 }, headers = ["tenant" => "a"]);
    Ok(())
}

#[transactional_event(&pool)]
async fn unnamed(pool: &PgPool) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

fn main() {}
