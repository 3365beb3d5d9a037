//! The same in a macro with a syntax of its own.
use outbox::transactional_event;
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    tokio::select! {
        done = tx.commit() => { done?; }
        else => {}
    }
    Ok(())
}

fn main() {}
// gate: statement | `tx.commit()` in a macro with a syntax of its own | net 1
