#![deny(warnings)]
//! `#[async_trait]` with `#[instrument]` in both orders, defaults, objects, generics.
use outbox::{Event, emit, transactional_event};
use sqlx::{PgPool, Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[async_trait::async_trait]
pub trait Bank: Send + Sync {
    fn pool(&self) -> &PgPool;

    async fn open(&self, tx: &mut Transaction<'_, Postgres>, account: i64) -> anyhow::Result<i64>;

    #[transactional_event]
    async fn noted(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
        emit!(Opened { account: 0 });
        Ok(())
    }

    async fn close<'a>(&'a mut self, tx: &mut Transaction<'_, Postgres>, names: &'a [String]) -> anyhow::Result<&'a str>;
}

pub struct Ours(PgPool);

#[async_trait::async_trait]
impl Bank for Ours {
    fn pool(&self) -> &PgPool {
        &self.0
    }

    #[transactional_event]
    #[tracing::instrument(skip_all)]
    async fn open(&self, tx: &mut Transaction<'_, Postgres>, account: i64) -> anyhow::Result<i64> {
        sqlx::query("SELECT 1").execute(&mut **tx).await?;
        emit!(Opened { account });
        self.noted(tx).await?;
        Ok(account)
    }

    #[tracing::instrument(skip_all)]
    #[transactional_event]
    async fn close<'a>(&'a mut self, tx: &mut Transaction<'_, Postgres>, names: &'a [String]) -> anyhow::Result<&'a str> {
        for name in names {
            emit!(Opened { account: i64::try_from(name.len())? });
        }
        names.first().map(String::as_str).ok_or_else(|| anyhow::anyhow!("no names"))
    }
}

#[transactional_event(tx = bank.pool())]
pub async fn through_object(bank: &dyn Bank) -> anyhow::Result<i64> {
    bank.open(tx, 1).await
}

fn main() {}
