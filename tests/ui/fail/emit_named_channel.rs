//! A channel is no transaction.
use outbox::{Event, emit};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

async fn open(sender: std::sync::mpsc::Sender<Opened>) -> Result<(), sqlx::Error> {
    emit!(sender => Opened { account: 1 });
    Ok(())
}

fn main() {}
