#![deny(warnings)]
//! A queue to a task that sends: in the handler it is a channel like any other.
use outbox::transactional_event;
use sqlx::PgPool;
use tokio::sync::mpsc;

#[transactional_event(tx = pool)]
pub async fn open(pool: &PgPool, to_kafka: &mpsc::Sender<Vec<u8>>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    to_kafka.send(b"x".to_vec()).await.ok();
    Ok(())
}

fn main() {}
// gate: send | a channel to a task of the crate that sends | missed by 1; nets 2, 3
