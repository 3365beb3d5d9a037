#![deny(warnings)]
//! Services behind `Arc`, `Box`, `Pin`, by value; spawned, boxed and cloned.
use std::pin::Pin;
use std::sync::Arc;

use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[derive(Clone)]
pub struct Service {
    pool: PgPool,
    next: i64,
}

impl Service {
    #[transactional_event(tx = self.pool)]
    pub async fn shared(self: Arc<Self>, account: i64) -> anyhow::Result<i64> {
        emit!(Opened { account });
        Ok(self.next + account)
    }

    #[transactional_event(tx = self.pool)]
    pub async fn by_reference(self: &Arc<Self>) -> anyhow::Result<()> {
        emit!(Opened { account: self.next });
        Ok(())
    }

    #[transactional_event(tx = self.pool)]
    pub async fn boxed(self: Box<Self>) -> anyhow::Result<()> {
        emit!(Opened { account: self.next });
        Ok(())
    }

    #[transactional_event(tx = self.pool)]
    pub async fn pinned(self: Pin<&mut Self>) -> anyhow::Result<()> {
        emit!(Opened { account: self.next });
        Ok(())
    }

    #[transactional_event(tx = self.pool)]
    pub async fn by_value(mut self) -> anyhow::Result<Self> {
        self.next += 1;
        emit!(Opened { account: self.next });
        Ok(self)
    }

    #[transactional_event(tx = self.pool.clone())]
    pub async fn cloned(&mut self) -> anyhow::Result<&mut i64> {
        self.next += 1;
        emit!(Opened { account: self.next });
        Ok(&mut self.next)
    }
}

pub fn spawned(service: Arc<Service>) -> tokio::task::JoinHandle<anyhow::Result<i64>> {
    tokio::spawn(service.shared(1))
}

pub fn as_object(service: &mut Service) -> Pin<Box<dyn Future<Output = anyhow::Result<&mut i64>> + Send + '_>> {
    Box::pin(service.cloned())
}

fn main() {}
