#![deny(warnings)]
//! Error types of `retry`.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum BankError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

pub type BankResult<T> = Result<T, BankError>;

pub struct Opaque;

impl From<sqlx::Error> for Opaque {
    fn from(_: sqlx::Error) -> Self {
        Self
    }
}

impl outbox::Retryable for Opaque {
    fn is_retryable(&self) -> bool {
        true
    }
}

#[transactional_event(tx = pool, retry = 1)]
pub async fn std(pool: &PgPool) -> BankResult<()> {
    emit!(Opened { account: 1 });
    Ok(())
}

#[transactional_event(tx = pool, retry = 1)]
pub async fn own(pool: &PgPool) -> Result<(), Opaque> {
    emit!(Opened { account: 1 });
    Ok(())
}

#[transactional_event(tx = pool, retry = 1)]
pub async fn any(pool: &PgPool) -> anyhow::Result<()> {
    emit!(Opened { account: 1 });
    anyhow::bail!("no")
}

#[transactional_event(tx = pool, retry = 1)]
pub async fn boxed(pool: &PgPool) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    emit!(Opened { account: 1 });
    Ok(())
}

#[transactional_event(tx = pool, retry = 1)]
pub async fn local(pool: &PgPool) -> Result<(), Box<dyn std::error::Error>> {
    emit!(Opened { account: 1 });
    Ok(())
}

fn main() {}
