//! A parameter bounded by a denied trait.
use outbox::{deny_raw, transactional_event};
use sqlx::PgPool;

trait Publish {
    fn publish(&self);
}

deny_raw!(trait Publish);

#[transactional_event(tx = pool)]
async fn open<P: Publish>(pool: &PgPool, publisher: &P) -> Result<(), sqlx::Error> {
    publisher.publish();
    Ok(())
}

fn main() {}
// gate: send | a parameter bounded by a trait that `deny_raw!` was told of | nets 1, 3
