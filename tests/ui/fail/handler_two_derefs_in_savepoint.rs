//! `&mut **tx` in the savepoint of an `outbox::Tx`.
use outbox::{Event, emit, transactional_event};
use outbox::Tx;
use sqlx::Postgres;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(savepoint)]
async fn open(tx: &mut Tx<'_, Postgres>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut **tx).await?;
    emit!(Opened { account: 1 });
    Ok(())
}

fn main() {}
