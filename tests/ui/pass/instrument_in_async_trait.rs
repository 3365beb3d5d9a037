#![deny(warnings)]
//! Errors of `emit!` leave by `From<outbox::Error>`, where that is all there is, in all orders of attributes.
use outbox::{Event, emit, transactional_event};
use sqlx::{Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

pub struct Failed;

impl From<outbox::Error> for Failed {
    fn from(_: outbox::Error) -> Self {
        Self
    }
}

pub struct Bank;

#[async_trait::async_trait]
pub trait Accounts {
    async fn plain(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), Failed>;
    async fn above(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), Failed>;
    async fn below(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), Failed>;
    async fn saved(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), Failed>;
}

#[async_trait::async_trait]
impl Accounts for Bank {
    #[transactional_event]
    async fn plain(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), Failed> {
        emit!(Opened { account: 1 });
        Ok(())
    }

    #[tracing::instrument(skip_all)]
    #[transactional_event]
    async fn above(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), Failed> {
        emit!(Opened { account: 1 });
        Ok(())
    }

    #[transactional_event]
    #[tracing::instrument(skip_all)]
    async fn below(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), Failed> {
        emit!(Opened { account: 1 });
        Ok(())
    }

    #[tracing::instrument(skip_all)]
    #[transactional_event(savepoint)]
    async fn saved(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), Failed> {
        for account in 0..3 {
            emit!(Opened { account });
        }
        Ok(())
    }
}

fn main() {}
