//! An `impl Trait` of a denied trait.
use outbox::{deny_raw, transactional_event};
use sqlx::PgPool;

trait Publish {
    fn publish(&self);
}

deny_raw!(trait Publish);

fn helper<T>(_: &T) {}

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, publisher: impl Publish) -> Result<(), sqlx::Error> {
    helper(&publisher);
    Ok(())
}

fn main() {}
// gate: send | an `impl Trait` of a denied trait | nets 1, 3
