//! Sends on fields of values, on statics of modules and on macros, that are nobody's business.

use outbox::transactional_event;
use sqlx::PgPool;
use std::sync::{LazyLock, Mutex};
use tokio::sync::mpsc::UnboundedSender;

struct Mail {
    subject: String,
}

impl Mail {
    fn send(self) {}

    fn send_to(&self, _: &str) -> &Self {
        self
    }

    fn publish(&mut self) {}
}

struct Parts {
    mail: Mail,
    queue: UnboundedSender<i64>,
}

struct App {
    pool: PgPool,
    parts: Mutex<Parts>,
    list: Vec<Mail>,
}

impl App {
    fn make(&self) -> Mail {
        Mail { subject: String::new() }
    }

    fn inner(&self) -> &App {
        self
    }
}

mod globals {
    pub static QUEUE: super::LazyLock<super::UnboundedSender<i64>> = super::LazyLock::new(|| unreachable!());
    pub const PING: Ping = Ping;

    pub struct Ping;

    impl Ping {
        pub fn send(self) {}
    }
}

macro_rules! queue {
    ($app:expr) => {
        $app.parts.lock().unwrap().queue
    };
}

#[transactional_event(tx = app.pool)]
async fn open(app: &App) -> Result<(), sqlx::Error> {
    app.parts.lock().unwrap().mail.publish();
    app.parts.lock().unwrap().mail.send_to("a").send_to("b");
    app.parts.lock().unwrap().queue.send(1).ok();
    app.inner().list[0].send_to("a");
    (*app.inner().parts.lock().unwrap()).queue.send(1).ok();
    (app.make(), 1).0.send();
    let pair = || (app.make(), 1);
    pair().0.send();
    pair().0.send_to(&app.make().subject);
    Mail::send_to(&pair().0, "a");
    globals::QUEUE.send(1).ok();
    globals::PING.send();
    queue!(app).send(1).ok();
    let sent = { app.parts.lock().unwrap().queue.send(1).is_ok() };
    assert!(sent);
    Ok(())
}

fn main() {}
