//! `*tx` and `**tx` by value.
use outbox::transactional_event;
use sqlx::{PgPool, Postgres, Transaction};

#[transactional_event(tx = pool)]
async fn opens(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(*tx).await?;
    Ok(())
}

#[transactional_event]
async fn joins(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(**tx).await?;
    Ok(())
}

#[transactional_event]
async fn owns(mut tx: Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM carts").execute(tx).await?;
    Ok(())
}

fn main() {}
