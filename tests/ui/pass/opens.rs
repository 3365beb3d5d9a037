#![deny(warnings)]
//! The opens form: functions, methods, early returns, loops, branches, macros.
use std::sync::Arc;

use outbox::{Event, emit, transactional_event};
use sqlx::{PgPool, SqlitePool};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = pool)]
pub async fn statements(pool: &PgPool, accounts: Vec<i64>) -> Result<usize, sqlx::Error> {
    if accounts.is_empty() {
        return Ok(0);
    }
    for account in &accounts {
        sqlx::query("INSERT INTO accounts VALUES ($1)").bind(account).execute(&mut *tx).await?;
        emit!(Opened { account: *account });
    }
    match accounts.len() {
        1 => emit!(Opened { account: 1 }),
        _ => outbox::emit!(&Opened { account: 2 }),
    }
    let rows = sqlx::query("SELECT 1").fetch_all(&mut *tx).await?;
    Ok(rows.len())
}

#[transactional_event(tx = pool)]
pub async fn sqlite(pool: SqlitePool) -> anyhow::Result<()> {
    emit!(Opened { account: 1 });
    anyhow::bail!("no")
}

pub struct Bank {
    pool: PgPool,
    opened: i64,
}

impl Bank {
    #[transactional_event(tx = self.pool)]
    pub async fn open(&mut self) -> Result<(), sqlx::Error> {
        self.opened += 1;
        emit!(Opened { account: self.opened });
        Ok(())
    }

    #[transactional_event(tx = self.pool)]
    pub async fn shared(self: Arc<Self>) -> Result<i64, Box<dyn std::error::Error + Send + Sync>> {
        let block = async {
            emit!(Opened { account: self.opened });
            Ok::<_, sqlx::Error>(())
        };
        block.await?;
        Ok(self.opened)
    }
}

fn is_send<T: Send>(_: T) {}

pub fn futures_are_send(pool: &PgPool) {
    is_send(statements(pool, Vec::new()));
}

fn main() {}
