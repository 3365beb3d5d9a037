use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = pool, colour = "red")]
async fn open(pool: &PgPool) {
    sqlx::query("SELECT 1").execute(&mut **tx).await.ok();
    let each = Box::new(|account| emit!(Opened { account }));
    each(1);
}

fn main() {}
