#![deny(warnings)]
//! Sends that are not Kafka's.
use outbox::transactional_event;
use sqlx::PgPool;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

pub trait Bus {
    fn send(&self, text: &str);
}

pub struct Own;

impl Own {
    pub fn publish(self) {}
}

pub struct Queues {
    pub pool: PgPool,
    pub mpsc: mpsc::Sender<i64>,
    pub std: std::sync::mpsc::Sender<i64>,
}

#[transactional_event(tx = queues.pool)]
pub async fn all<B: Bus>(
    queues: &Queues,
    once: oneshot::Sender<i64>,
    all: &broadcast::Sender<i64>,
    watch: &watch::Sender<i64>,
    bus: &B,
    object: &dyn Bus,
    own: Own,
) -> Result<(), sqlx::Error> {
    queues.mpsc.send(1).await.ok();
    queues.std.send(1).ok();
    once.send(1).ok();
    all.send(1).ok();
    watch.send(1).ok();
    bus.send("x");
    object.send("x");
    Bus::send(bus, "x");
    own.publish();
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    Ok(())
}

fn main() {}
