#![deny(warnings)]
//! Events and locals that are not `Send` may live up to the await: the handler's future is `Send`.
use std::cell::Cell;
use std::rc::Rc;

use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.counted", version = 1, topic = "bank.accounts")]
struct Counted {
    #[serde(skip)]
    here: Rc<Cell<i64>>,
    count: i64,
}

#[transactional_event(tx = pool)]
pub async fn count(pool: &PgPool) -> Result<(), sqlx::Error> {
    emit!(Counted { here: Rc::new(Cell::new(1)), count: 1 });
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    Ok(())
}

fn is_send<T: Send>(_: T) {}

pub fn futures_are_send(pool: &PgPool) {
    is_send(count(pool));
    let event = Counted { here: Rc::default(), count: 1 };
    event.here.set(event.count);
}

fn main() {}
