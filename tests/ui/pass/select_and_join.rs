#![deny(warnings)]
//! `select!`, `join!`, `try_join!`, timeouts, spawned work beside the transaction.
use std::time::Duration;

use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

async fn price(account: i64) -> Result<i64, sqlx::Error> {
    Ok(account)
}

#[transactional_event(tx = pool)]
pub async fn all(pool: &PgPool, mut stop: oneshot::Receiver<()>, told: mpsc::Sender<i64>) -> Result<(), anyhow::Error> {
    let (one, two) = tokio::try_join!(price(1), price(2))?;
    let (three, four) = tokio::join!(price(3), async { price(4).await });
    tokio::select! {
        biased;
        _ = &mut stop => anyhow::bail!("stopped"),
        done = sqlx::query("SELECT 1").execute(&mut *tx) => {
            done?;
            emit!(Opened { account: one + two });
        }
        () = tokio::time::sleep(Duration::from_secs(1)) => return Ok(()),
    }
    tokio::time::timeout(Duration::from_secs(1), sqlx::query("SELECT 1").execute(&mut *tx)).await??;
    let told = tokio::spawn(async move { told.send(1).await });
    emit!(Opened { account: three? + four? });
    told.await??;
    let sum = tokio::task::spawn_blocking(move || (0..one).sum::<i64>()).await?;
    emit!(Opened { account: sum });
    Ok(())
}

fn is_send<T: Send>(_: T) {}

pub fn futures_are_send(pool: &PgPool, stop: oneshot::Receiver<()>, told: mpsc::Sender<i64>) {
    is_send(all(pool, stop, told));
}

fn main() {}
