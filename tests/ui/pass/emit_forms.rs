#![deny(warnings, clippy::pedantic)]
//! Every form of `emit!`, in handlers and in helpers.
use std::borrow::Cow;
use std::time::Duration;

use outbox::{AsTx, Event, emit, transactional_event};
use sqlx::{Acquire, PgPool, Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
pub struct Opened {
    account: i64,
}

#[derive(serde::Serialize, Event)]
#[event(name = "bank.closed", version = 1, topic = "bank.accounts", key = account)]
pub struct Closed {
    account: i64,
}

pub struct Service<'t> {
    tx: Transaction<'t, Postgres>,
    topic: String,
}

#[transactional_event(tx = pool)]
pub async fn options(pool: &PgPool, tenant: Option<&str>, wait: Option<Duration>) -> Result<(), sqlx::Error> {
    let event = Opened { account: 1 };
    let topic: Cow<'_, str> = "bank.vip".into();
    emit!(event, key = event.account);
    emit!(&event, key = (1_u8, "a").1, topic = topic);
    emit!(event, topic = &*topic, key = None, delay = Duration::from_secs(1));
    emit!(event, delay = wait);
    emit!(event, headers = {});
    emit!(event, headers = { "tenant" => tenant, "none" => None, String::from("name") => vec![1_u8], },);
    emit!(event, headers = std::env::vars());
    emit!(event, headers = { ..[("a", 1)], "b" => "c" });
    let found = sqlx::query_scalar::<_, i64>("SELECT 1").fetch_one(&mut *tx).await?;
    emit!(event, key = sqlx::query_scalar::<_, i64>("SELECT 1").fetch_one(&mut *tx).await?, headers = { "found" => found });
    Ok(())
}

#[transactional_event(tx = pool)]
pub async fn several(pool: &PgPool, accounts: Vec<i64>) -> Result<(), sqlx::Error> {
    emit!([Opened { account: 1 }, Closed { account: 1 }], headers = { "both" => true });
    emit!(..accounts.iter().map(|account| Opened { account: *account }));
    emit!(..Some(Opened { account: 1 }), key = "some");
    emit!(..std::sync::Mutex::new(vec![Opened { account: 1 }]).lock().unwrap().iter());
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    let events: Vec<Closed> = accounts.into_iter().map(|account| Closed { account }).collect();
    emit!(..&events);
    Ok(())
}

#[transactional_event(tx = pool)]
pub async fn raw(pool: &PgPool, name: &str, bytes: &[u8]) -> Result<(), sqlx::Error> {
    emit!(topic = "bank.raw", type = "bank.raw", payload = bytes);
    emit!(payload = "text", type = name, content_type = "text/plain", topic = format!("bank.{name}"), version = 2);
    emit!(topic = "bank.raw", type = "bank.raw", json = (1, "a"), key = 1, headers = { "a" => "b" });
    emit!(topic = "bank.raw", type = "bank.raw", payload = None);
    emit!(topic = "bank.raw", type = "bank.raw", payload = Some(bytes.to_vec()), delay = None);
    Ok(())
}

/// A function that is no handler.
///
/// # Errors
/// The database's.
pub async fn helper(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    emit!(tx => Opened { account: 1 });
    emit!(*tx => Opened { account: 1 }, key = 1);
    emit!(&mut *tx => [Opened { account: 1 }, Closed { account: 1 }]);
    emit!(tx => ..[Opened { account: 1 }]);
    emit!(tx => topic = "bank.raw", type = "bank.raw", payload = "1");
    for account in 0..2 {
        emit!(tx => Opened { account });
    }
    let mut both = (tx.begin().await?, 1);
    emit!(both.0 => Opened { account: both.1 });
    both.0.commit().await
}

/// With any transaction.
///
/// # Errors
/// The database's.
pub async fn generic<T: AsTx>(tx: &mut T) -> anyhow::Result<()> {
    emit!(tx => Opened { account: 1 });
    Ok(())
}

impl Service<'_> {
    /// A method that is no handler.
    ///
    /// # Errors
    /// The database's.
    pub async fn helper(&mut self) -> Result<(), Box<dyn std::error::Error>> {
        emit!(self.tx => Opened { account: 1 }, topic = self.topic);
        Ok(())
    }
}

#[transactional_event(tx = pool)]
pub async fn named(pool: &PgPool) -> anyhow::Result<()> {
    generic(tx).await?;
    helper(tx).await?;
    let mut savepoint = tx.begin().await?;
    emit!(savepoint => Opened { account: 1 });
    generic(&mut savepoint).await?;
    savepoint.commit().await?;
    emit!(tx => Opened { account: 1 });
    let other = pool.clone();
    tokio::spawn(async move {
        let mut own = other.begin().await?;
        emit!(own => Opened { account: 1 });
        own.commit().await
    });
    async fn nested(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
        emit!(tx => Opened { account: 1 });
        Ok(())
    }
    nested(tx).await?;
    Ok(())
}

fn is_send<T: Send>(_: T) {}

/// Futures are `Send`.
pub fn sent(pool: &PgPool) {
    is_send(options(pool, None, None));
    is_send(several(pool, vec![]));
    is_send(raw(pool, "", b""));
    is_send(named(pool));
}

fn main() {}
