#![deny(warnings)]
//! A service over repositories that take the transaction, by trait and by generic parameter.
use outbox::{Event, Tx, emit, transactional_event};
use sqlx::{PgConnection, PgPool, Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

pub trait Accounts {
    fn insert(&self, connection: &mut PgConnection, account: i64) -> impl Future<Output = sqlx::Result<()>> + Send;
}

pub struct Table;

impl Accounts for Table {
    async fn insert(&self, connection: &mut PgConnection, account: i64) -> sqlx::Result<()> {
        sqlx::query("INSERT INTO accounts VALUES ($1)").bind(account).execute(connection).await.map(drop)
    }
}

pub struct Service<A> {
    pool: PgPool,
    accounts: A,
}

impl<A: Accounts + Sync> Service<A> {
    #[transactional_event(tx = self.pool)]
    pub async fn open(&self, account: i64) -> sqlx::Result<i64> {
        self.accounts.insert(tx, account).await?;
        self.accounts.insert(&mut *tx, account).await?;
        emit!(Opened { account });
        self.note(tx, account).await?;
        Self::noted(tx).await?;
        Ok(account)
    }

    #[transactional_event]
    async fn note(&self, tx: &mut Transaction<'_, Postgres>, account: i64) -> sqlx::Result<()> {
        self.accounts.insert(&mut **tx, account).await?;
        emit!(Opened { account });
        Ok(())
    }

    #[transactional_event]
    async fn noted(tx: &mut Tx<'_, Postgres>) -> sqlx::Result<()> {
        emit!(Opened { account: 2 });
        Ok(())
    }
}

fn is_send<T: Send>(_: &T) {}

pub fn futures_are_send(service: &Service<Table>) {
    is_send(&service.open(1));
}

fn main() {}
