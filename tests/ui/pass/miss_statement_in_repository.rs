#![deny(warnings)]
//! A repository that holds a pool of its own.
use outbox::transactional_event;
use sqlx::PgPool;

pub struct Accounts {
    pool: PgPool,
}

impl Accounts {
    pub async fn insert(&self, account: i64) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO accounts VALUES ($1)").bind(account).execute(&self.pool).await.map(drop)
    }
}

#[transactional_event(tx = accounts.pool)]
pub async fn open(accounts: &Accounts) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    accounts.insert(1).await
}

fn main() {}
// gate: statement | `repository.insert(…)`: a method of a type that holds a pool of its own | missed
