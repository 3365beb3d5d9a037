//! Missed: SQL that is not literal. In a handler that opens its transaction, the runtime refuses it when it runs.
use outbox::transactional_event;
use sqlx::PgPool;

const DONE: &str = "COMMIT";

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query(DONE).execute(&mut *tx).await?;
    Ok(())
}

fn main() {}
// gate: statement | `COMMIT` in a variable; a handler that opens refuses it when it runs | missed
