//! `self` by value is used up.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[derive(Clone)]
struct Bank {
    pool: PgPool,
}

impl Bank {
    #[transactional_event(tx = self.pool, retry = 3)]
    async fn open(self) -> Result<(), sqlx::Error> {
        emit!(Opened { account: 1 });
        Ok(())
    }
}

fn main() {}
