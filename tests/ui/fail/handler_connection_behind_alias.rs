//! A connection as transaction, behind an alias; nothing is emitted.
use outbox::{Event, emit, transactional_event};
use sqlx::PgConnection;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

type Db = PgConnection;

#[transactional_event]
async fn open(tx: &mut Db) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    Ok(())
}

async fn emits(tx: &mut sqlx::PgTransaction<'_>) -> Result<(), sqlx::Error> {
    let _ = (tx, Opened { account: 1 });
    Ok(())
}

#[transactional_event]
async fn used(tx: &mut sqlx::PgTransaction<'_>) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

fn main() {}
