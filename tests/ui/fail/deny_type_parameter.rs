//! A denied type as a parameter.
use outbox::{deny_raw, transactional_event};
use sqlx::PgPool;

struct Publisher;

impl Publisher {
    fn announce(&self) {}
}

deny_raw!(Publisher);

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, publisher: &Publisher) -> Result<(), sqlx::Error> {
    publisher.announce();
    Ok(())
}

fn main() {}
// gate: send | a denied type as a parameter | nets 1, 3
