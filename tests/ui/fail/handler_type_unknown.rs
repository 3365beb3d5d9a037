//! A type of a parameter that nobody knows: rustc's word, told once.
use outbox::{Event, emit, transactional_event};
use sqlx::{PgPool, Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = pool)]
async fn opens(pool: &PgPool, command: OpenAccount) -> Result<(), sqlx::Error> {
    emit!(Opened { account: command.account });
    Ok(())
}

#[transactional_event(tx = pool)]
async fn unused(pool: &PgPool, _: OpenAccount, (_, _): (i64, &[OpenAccount])) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

#[transactional_event(tx = pool, retry = 2)]
#[tracing::instrument(skip_all)]
async fn retries(pool: &sqlx::OraclePool, command: &OpenAccount) -> Result<(), BankError> {
    emit!(Opened { account: command.account });
    Ok(())
}

struct Bank;

#[async_trait::async_trait]
trait Service {
    async fn joins(&self, tx: &mut Transaction<'_, Postgres>, account: i64) -> Result<(), sqlx::Error>;
}

#[async_trait::async_trait]
impl Service for Bank {
    #[transactional_event]
    async fn joins(&self, tx: &mut Transaction<'_, Postgres>, account: Account) -> Result<(), sqlx::Error> {
        emit!(Opened { account });
        Ok(())
    }
}

fn main() {}
