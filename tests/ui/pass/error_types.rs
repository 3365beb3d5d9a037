#![deny(warnings)]
//! Error types that services have.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum ViaDatabase {
    #[error("database")]
    Database(#[from] sqlx::Error),
    #[error("no money")]
    NoMoney,
}

#[derive(Debug, thiserror::Error)]
pub enum ViaOurs {
    #[error("database")]
    Database(#[from] sqlx::Error),
    #[error("outbox")]
    Outbox(#[from] outbox::Error),
}

pub type AppResult<T> = Result<T, ViaDatabase>;

#[transactional_event(tx = pool)]
pub async fn plain(pool: &PgPool) -> sqlx::Result<()> {
    emit!(Opened { account: 1 });
    Ok(())
}

#[transactional_event(tx = pool)]
pub async fn database(pool: &PgPool) -> Result<(), ViaDatabase> {
    emit!(Opened { account: 1 });
    Err(ViaDatabase::NoMoney)
}

#[transactional_event(tx = pool)]
pub async fn ours(pool: &PgPool) -> Result<(), ViaOurs> {
    emit!(Opened { account: 1 });
    Ok(())
}

#[transactional_event(tx = pool)]
pub async fn alias(pool: &PgPool) -> AppResult<i64> {
    emit!(Opened { account: 1 });
    Ok(1)
}

#[transactional_event(tx = pool)]
pub async fn any(pool: &PgPool) -> anyhow::Result<()> {
    emit!(Opened { account: 1 });
    anyhow::ensure!(pool.size() > 0, "no connections");
    Ok(())
}

#[transactional_event(tx = pool)]
pub async fn boxed(pool: &PgPool) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    emit!(Opened { account: 1 });
    Err("no")?
}

#[transactional_event(tx = pool)]
pub async fn boxed_local(pool: &PgPool) -> Result<(), Box<dyn std::error::Error>> {
    emit!(Opened { account: 1 });
    Ok(())
}

fn main() {}
