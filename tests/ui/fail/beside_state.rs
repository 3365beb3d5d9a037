//! A pool in axum's state.
use axum::extract::State;
use outbox::transactional_event;
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open(State(pool): State<PgPool>) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(&pool).await?;
    Ok(())
}

fn main() {}
// gate: statement | a pool in axum's state | net 1
