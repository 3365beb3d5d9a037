//! The expression that the transaction was opened from.
use outbox::transactional_event;
use std::sync::LazyLock;

use sqlx::PgPool;

static POOL: LazyLock<PgPool> = LazyLock::new(|| PgPool::connect_lazy("postgres://localhost").expect("an address"));

#[transactional_event(tx = *POOL)]
async fn open() -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(&*POOL).await?;
    Ok(())
}

fn main() {}
// gate: statement | the expression that the transaction was opened from | net 1
