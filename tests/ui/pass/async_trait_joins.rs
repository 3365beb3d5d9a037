#![deny(warnings)]
//! A method of `#[async_trait]` joins.
use outbox::{Event, emit, transactional_event};
use sqlx::{Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[async_trait::async_trait]
pub trait Bank {
    async fn open(&self, tx: &mut Transaction<'_, Postgres>, account: i64) -> Result<(), sqlx::Error>;
}

pub struct Ours;

#[async_trait::async_trait]
impl Bank for Ours {
    #[transactional_event]
    async fn open(&self, tx: &mut Transaction<'_, Postgres>, account: i64) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&mut **tx).await?;
        emit!(Opened { account });
        Ok(())
    }
}

fn main() {}
