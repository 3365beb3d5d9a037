#![deny(warnings)]
//! Receivers of all kinds that are no producers.
use std::sync::Mutex;

use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;
use tokio::sync::oneshot;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

pub struct Bus {
    sent: Vec<i64>,
}

impl Bus {
    pub fn send(&mut self, value: i64) -> &mut Self {
        self.sent.push(value);
        self
    }

    pub fn publish(self) -> usize {
        self.sent.len()
    }
}

pub trait Sends {
    fn send(&self, value: i64);
}

impl Sends for i64 {
    fn send(&self, _: i64) {}
}

pub struct App {
    pool: PgPool,
    buses: Vec<Bus>,
    bus: Mutex<Bus>,
    object: Box<dyn Sends + Send + Sync>,
}

impl App {
    fn first(&mut self) -> &mut Bus {
        &mut self.buses[0]
    }

    #[transactional_event(tx = self.pool)]
    pub async fn all(&mut self, index: usize, once: oneshot::Sender<i64>) -> Result<(), sqlx::Error> {
        self.buses[0].send(1).send(2).send(3);
        self.buses[index + 1].send(self.pool.size().into());
        self.first().send(1);
        (&mut self.buses[index]).send(1);
        self.bus.lock().expect("not poisoned").send(1);
        Bus { sent: Vec::new() }.send(1);
        Sends::send(&*self.object, 1);
        Sends::send(&index_of(&self.buses), 1);
        self.object.send(1);
        #[cfg(target_os = "none")]
        missing.send(1);
        #[cfg(target_os = "none")]
        self.missing().send(1);
        #[allow(deprecated)]
        self.object.send(1);
        let last = self.buses.pop();
        let close = move || last.map(|bus| bus.publish());
        let text = format!("{:?} {}", close(), once.send(1).is_ok());
        let all = vec![self.first().send(1).sent.len(), text.len()];
        let numbers = all.iter().map(|len| *len as i64).collect::<Vec<_>>();
        numbers.iter().for_each(|number| number.send(1));
        emit!(Opened { account: numbers[0] });
        Ok(())
    }
}

fn index_of(buses: &[Bus]) -> i64 {
    buses.len() as i64
}

fn main() {}
