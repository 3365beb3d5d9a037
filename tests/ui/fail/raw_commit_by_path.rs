use outbox::transactional_event;
use sqlx::{Executor, PgPool};

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    Executor::execute(&mut *tx, "COMMIT").await?;
    Ok(())
}

fn main() {}
// gate: statement | `Executor::execute(&mut *tx, "COMMIT")` | net 1
