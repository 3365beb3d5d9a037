//! A header that outbox writes.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 }, headers = { "tenant" => "a", "ce_id" => "b" });
    emit!(Opened { account: 1 }, headers = { "ID" => "b", "tracestate" => None, "identity" => "c" });
    emit!(Opened { account: 1 }, headers = { "Content-Type" => "text/plain", "a\nb" => "c" });
    Ok(())
}

fn main() {}
