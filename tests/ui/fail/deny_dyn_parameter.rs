//! A trait object that was denied, as a parameter.
use outbox::{deny_raw, transactional_event};
use sqlx::PgPool;

trait Publish {
    fn publish(&self);
}

deny_raw!(dyn Publish);

fn helper(_: &dyn Publish) {}

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, publisher: &dyn Publish) -> Result<(), sqlx::Error> {
    helper(publisher);
    Ok(())
}

fn main() {}
// gate: send | a trait object that was denied, as a parameter | nets 1, 3
