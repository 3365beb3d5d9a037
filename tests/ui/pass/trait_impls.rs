#![deny(warnings)]
//! Methods of traits, both forms.
use outbox::{Event, emit, transactional_event};
use sqlx::{PgPool, Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

pub trait Bank {
    fn open(&self, account: i64) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
    fn join(tx: &mut Transaction<'_, Postgres>) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
}

pub struct Ours {
    pool: PgPool,
}

impl Bank for Ours {
    #[transactional_event(tx = self.pool)]
    async fn open(&self, account: i64) -> Result<(), sqlx::Error> {
        emit!(Opened { account });
        Ok(())
    }

    #[transactional_event]
    async fn join(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
        emit!(Opened { account: 1 });
        Ok(())
    }
}

fn main() {}
