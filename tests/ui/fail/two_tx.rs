use outbox::{Event, emit, transactional_event};
use sqlx::{Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event]
async fn open(from: &mut Transaction<'_, Postgres>, to: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut **from).await?;
    sqlx::query("SELECT 1").execute(&mut **to).await?;
    emit!(Opened { account: 1 });
    Ok(())
}

fn main() {}
