#![deny(warnings)]
//! `#[async_trait]`: joins, with a savepoint too.
use outbox::{Event, emit, transactional_event};
use async_trait::async_trait;
use outbox::Tx;
use sqlx::{Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

pub type Db<'t> = Transaction<'t, Postgres>;

#[async_trait]
pub trait Bank {
    async fn plain(&self, tx: &mut Transaction<'_, Postgres>, account: i64) -> Result<(), sqlx::Error>;
    async fn kept(&mut self, tx: &mut Transaction<'_, Postgres>, account: i64) -> Result<(), sqlx::Error>;
    async fn alias(&self, tx: &mut Db<'_>) -> Result<(), sqlx::Error>;
    async fn alias_kept(&self, tx: &mut Db<'_>) -> Result<(), sqlx::Error>;
    async fn ours(tx: &mut Tx<'_, Postgres>) -> anyhow::Result<i64>
    where
        Self: Sized;
    #[transactional_event]
    async fn default(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
        emit!(Opened { account: 1 });
        Ok(())
    }
}

pub struct Ours {
    opened: i64,
}

#[async_trait]
impl Bank for Ours {
    #[transactional_event]
    async fn plain(&self, tx: &mut Transaction<'_, Postgres>, account: i64) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&mut **tx).await?;
        emit!(Opened { account });
        Ok(())
    }

    #[transactional_event(savepoint)]
    async fn kept(&mut self, tx: &mut Transaction<'_, Postgres>, account: i64) -> Result<(), sqlx::Error> {
        self.opened += 1;
        sqlx::query("SELECT 1").execute(&mut **tx).await?;
        if account == 0 {
            return Ok(());
        }
        emit!(Opened { account });
        Ok(())
    }

    #[transactional_event]
    async fn alias(&self, tx: &mut Db<'_>) -> Result<(), sqlx::Error> {
        emit!(Opened { account: 1 });
        Ok(())
    }

    #[transactional_event(savepoint)]
    async fn alias_kept(&self, tx: &mut Db<'_>) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&mut **tx).await?;
        emit!(Opened { account: 1 });
        Ok(())
    }

    #[transactional_event(savepoint)]
    async fn ours(tx: &mut Tx<'_, Postgres>) -> anyhow::Result<i64> {
        sqlx::query("SELECT 1").execute(&mut *tx).await?;
        emit!(Opened { account: 1 });
        Ok(1)
    }
}

fn main() {}
