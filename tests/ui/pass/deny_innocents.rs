#![deny(warnings)]
//! What was not denied, beside what was.
use std::sync::Arc;

use outbox::{Event, deny_raw, emit, transactional_event};
use sqlx::PgPool;

pub trait Publish {
    fn publish(&self, text: &str);
}

pub trait Bus {
    fn send(&self, text: &str);
}

pub struct Kafka;

impl Publish for Kafka {
    fn publish(&self, _: &str) {}
}

pub struct Topic<T>(T);

deny_raw!(Kafka, dyn Publish, trait Publish, <T: Copy> Topic<T> where T: Send);

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

pub struct App {
    pub pool: PgPool,
    pub bus: Arc<dyn Bus + Send + Sync>,
    /// Held, and not touched by handlers.
    pub kafka: Kafka,
    pub names: Topic<String>,
    pub count: (i64, Vec<Option<i64>>),
}

impl App {
    #[transactional_event(tx = self.pool)]
    pub async fn open<B: Bus>(
        &self,
        bus: &B,
        boxed: Box<dyn Bus + Send + Sync>,
        any: &(impl Bus + Sync),
    ) -> Result<(), sqlx::Error> {
        self.bus.send("x");
        bus.send("x");
        boxed.send("x");
        any.send("x");
        Bus::send(any, "x");
        let _ = &self.names;
        let text = format!("{} {:?}", self.count.0, self.count.1);
        let all = vec![self.count.0, text.len() as i64];
        emit!(Opened { account: all[0] });
        Ok(())
    }
}

fn main() {}
