//! Missed: a send behind a trait that was not denied. `deny_raw!(trait Notify)` catches it; `outbox lint check` proposes the line.
use outbox::transactional_event;
use sqlx::PgPool;

trait Notify {
    fn notify(&self);
}

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, notify: &dyn Notify) -> Result<(), sqlx::Error> {
    notify.notify();
    Ok(())
}

fn main() {}
