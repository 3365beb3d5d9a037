#![deny(warnings)]
//! `#[instrument]` with fields, levels and returns, above and below, on methods; with other attributes between.
use outbox::{Event, emit, transactional_event};
use sqlx::{PgPool, Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

pub struct Service {
    pool: PgPool,
}

impl Service {
    /// Opens.
    #[tracing::instrument(level = "debug", skip(self), fields(account = %account), ret, err)]
    #[transactional_event(tx = self.pool)]
    #[must_use = "it may have failed"]
    pub async fn above(&self, account: i64) -> Result<i64, sqlx::Error> {
        emit!(Opened { account });
        Ok(account)
    }

    #[allow(clippy::unused_async)]
    #[transactional_event(tx = self.pool)]
    /// Opens.
    #[tracing::instrument(skip(self), fields(account), ret, err(Debug))]
    #[doc(hidden)]
    pub async fn below(&self, account: i64) -> Result<i64, sqlx::Error> {
        tracing::Span::current().record("account", account);
        emit!(Opened { account });
        Ok(account)
    }

    #[tracing::instrument(skip_all, err)]
    #[transactional_event]
    #[inline]
    pub async fn joined(&self, tx: &mut Transaction<'_, Postgres>) -> anyhow::Result<()> {
        emit!(Opened { account: 1 });
        Ok(())
    }

    #[cfg_attr(all(), transactional_event(tx = self.pool))]
    #[cfg_attr(all(), tracing::instrument(skip_all))]
    pub async fn conditional(&self) -> anyhow::Result<()> {
        emit!(Opened { account: 1 });
        Ok(())
    }
}

fn main() {}
