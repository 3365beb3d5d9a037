//! Missed: a pool that the body gets from somewhere other than a parameter. Nothing else catches it.
use std::sync::LazyLock;

use outbox::transactional_event;
use sqlx::PgPool;

static OTHER: LazyLock<PgPool> = LazyLock::new(|| unreachable!());

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(&*OTHER).await?;
    Ok(())
}

fn main() {}
// gate: statement | a local pool out of a static | missed
