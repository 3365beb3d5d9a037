#![deny(warnings)]
//! All receivers, in both forms.
use outbox::{Event, emit, transactional_event};
use std::pin::Pin;
use std::sync::Arc;

use sqlx::{PgPool, Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[derive(Clone)]
pub struct Bank {
    pool: PgPool,
    opened: i64,
}

impl Bank {
    #[transactional_event(tx = self.pool, retry = 2)]
    pub async fn by_ref(&self, id: i64) -> Result<i64, sqlx::Error> {
        emit!(Opened { account: id });
        Ok(self.opened)
    }

    #[transactional_event(tx = self.pool, retry = 2)]
    pub async fn by_mut(&mut self) -> Result<(), sqlx::Error> {
        self.opened += 1;
        self.touch();
        emit!(Opened { account: self.opened });
        Ok(())
    }

    fn touch(&mut self) {
        self.opened += 1;
    }

    #[transactional_event(tx = self.pool)]
    pub async fn by_value(self) -> Result<Self, sqlx::Error> {
        emit!(Opened { account: self.opened });
        Ok(self)
    }

    #[transactional_event(tx = self.pool)]
    pub async fn by_mut_value(mut self) -> Result<i64, sqlx::Error> {
        self.opened += 1;
        emit!(Opened { account: self.opened });
        Ok(self.opened)
    }

    #[transactional_event(tx = self.pool, retry = 2)]
    pub async fn by_arc(self: Arc<Self>) -> Result<i64, sqlx::Error> {
        emit!(Opened { account: self.opened });
        Ok(self.opened)
    }

    #[transactional_event(tx = self.pool)]
    pub async fn by_box(self: Box<Self>) -> Result<Bank, sqlx::Error> {
        emit!(Opened { account: self.opened });
        Ok(*self)
    }

    #[transactional_event(tx = self.pool)]
    pub async fn by_pin(self: Pin<&mut Self>) -> Result<(), sqlx::Error> {
        self.get_mut().opened += 1;
        emit!(Opened { account: 1 });
        Ok(())
    }

    #[transactional_event(savepoint)]
    pub async fn joins(&mut self, tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
        self.opened += 1;
        emit!(Opened { account: self.opened });
        Ok(())
    }

    #[transactional_event]
    pub async fn joins_by_arc(self: Arc<Self>, tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
        emit!(Opened { account: self.opened });
        Ok(())
    }
}

fn main() {}
