//! A channel called `tx` is no transaction.
use outbox::{Event, emit, transactional_event};
use tokio::sync::mpsc::Sender;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event]
async fn open(tx: Sender<i64>) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    tx.send(1).await.ok();
    Ok(())
}

fn main() {}
