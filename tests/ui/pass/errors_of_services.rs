#![deny(warnings)]
//! Error types: transparent, boxed, nested, generic, with sources; conversions by `?`.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Transparent(#[from] sqlx::Error);

#[derive(Debug, thiserror::Error)]
pub enum Nested {
    #[error(transparent)]
    Repository(#[from] Transparent),
    #[error("number")]
    Number(#[from] std::num::ParseIntError),
}

impl From<sqlx::Error> for Nested {
    fn from(error: sqlx::Error) -> Self {
        Self::Repository(error.into())
    }
}

/// What eyre's report looks like to the compiler: from any error.
pub struct Report(Box<dyn std::error::Error + Send + Sync>);

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Report {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl Report {
    pub fn inner(&self) -> &(dyn std::error::Error + Send + Sync) {
        &*self.0
    }
}

#[derive(Debug)]
pub struct Coded<C> {
    pub code: C,
    pub source: Option<sqlx::Error>,
}

impl<C: Default> From<sqlx::Error> for Coded<C> {
    fn from(error: sqlx::Error) -> Self {
        Self { code: C::default(), source: Some(error) }
    }
}

#[transactional_event(tx = pool)]
pub async fn transparent(pool: &PgPool) -> Result<(), Transparent> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!(Opened { account: 1 });
    Ok(())
}

#[transactional_event(tx = pool)]
pub async fn nested(pool: &PgPool, number: &str) -> Result<i64, Nested> {
    let account = number.parse()?;
    emit!(Opened { account });
    Ok(account)
}

#[transactional_event(tx = pool)]
pub async fn report(pool: &PgPool, number: &str) -> Result<i64, Report> {
    let account: i64 = number.parse()?;
    emit!(Opened { account });
    Ok(account)
}

#[transactional_event(tx = pool)]
pub async fn coded<C: Default + Send>(pool: &PgPool) -> Result<(), Coded<C>> {
    emit!(Opened { account: 1 });
    Err(Coded { code: C::default(), source: None })
}

#[transactional_event(tx = pool)]
pub async fn boxed(pool: &PgPool, number: &str) -> Result<i64, Box<dyn std::error::Error + Send + Sync + 'static>> {
    let account = number.parse()?;
    emit!(Opened { account });
    if account < 0 { Err("below zero".into()) } else { Ok(account) }
}

#[transactional_event(tx = pool)]
pub async fn any(pool: &PgPool, number: &str) -> Result<i64, anyhow::Error> {
    use anyhow::Context;
    let account = number.parse().context("no number")?;
    emit!(Opened { account });
    Ok(account)
}

fn main() {}
