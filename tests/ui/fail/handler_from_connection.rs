//! A borrowed connection opens nothing.
use outbox::{Event, emit, transactional_event};
use sqlx::PgConnection;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = conn)]
async fn open(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

fn main() {}
