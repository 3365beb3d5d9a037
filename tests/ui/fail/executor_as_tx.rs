use outbox::{Event, emit, transactional_event};
use sqlx::PgExecutor;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event]
async fn opaque<'e>(tx: impl PgExecutor<'e>) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

#[transactional_event]
async fn generic<'e, E: PgExecutor<'e>>(tx: E) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

fn main() {}
