//! A mistake in the derive is told once, and `emit!` of the event says nothing more.
use outbox::{Event, emit, transactional_event};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank accounts", key = account)]
struct Opened<T: Clone> {
    account: T,
}

#[transactional_event(tx = pool)]
async fn open(pool: &sqlx::PgPool) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    emit!(Opened { account: 2 });
    Ok(())
}

fn main() {}
