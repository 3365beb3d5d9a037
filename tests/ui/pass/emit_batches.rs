#![deny(warnings, clippy::pedantic)]
#![allow(clippy::needless_for_each, clippy::manual_inspect, clippy::useless_vec)]
//! Statements between two awaits, which become one INSERT.
use std::rc::Rc;
use std::sync::Mutex;

use outbox::{Event, emit, transactional_event};
use sqlx::{PgPool, Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
pub struct Opened {
    account: i64,
}

/// What is no `Send` and is dropped late.
struct Noisy(Rc<i64>);

impl Drop for Noisy {
    fn drop(&mut self) {
        println!("{}", self.0);
    }
}

#[transactional_event(tx = pool)]
pub async fn values(pool: &PgPool, accounts: &[i64]) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    let seen = Mutex::new(0);
    accounts.iter().for_each(|account| emit!(Opened { account: *account }));
    for account in accounts {
        let noisy = Noisy(Rc::new(*account));
        emit!(Opened { account: *noisy.0 });
        *seen.lock().unwrap() += 1;
    }
    let total: i64 = accounts
        .iter()
        .map(|account| {
            emit!(Opened { account: *account });
            account
        })
        .sum();
    let moved = vec![total];
    let emitter = move |account| emit!(Opened { account: account + moved[0] });
    emitter(1);
    emitter(total);
    Ok(accounts
        .iter()
        .map(|account| {
            emit!(Opened { account: *account });
            *account
        })
        .collect())
}

#[transactional_event(tx = pool)]
pub async fn boxed(pool: &PgPool) -> Result<Box<dyn Fn() -> i64 + Send>, Box<dyn std::error::Error + Send + Sync>> {
    emit!(Opened { account: 1 });
    Ok({
        emit!(Opened { account: 1 });
        Box::new(|| 1)
    })
}

#[transactional_event]
pub async fn unit(tx: &mut Transaction<'_, Postgres>, account: Option<i64>) -> anyhow::Result<()> {
    let _: () = {
        sqlx::query("SELECT 1").execute(&mut **tx).await?;
        match account {
            None => emit!(Opened { account: 0 }),
            Some(account) => {
                for account in 0..account {
                    emit!(Opened { account });
                }
            }
        }
    };
    if account.is_some() {
        sqlx::query("SELECT 1").execute(&mut **tx).await?;
        emit!(Opened { account: 1 });
        emit!(Opened { account: 2 })
    }
    emit!(Opened { account: 3 });
    emit! { Opened { account: 4 } }
    let Some(account) = account else {
        emit!(Opened { account: 5 });
        emit!(Opened { account: 6 });
        anyhow::bail!("none")
    };
    emit!(Opened { account });
    if account == 1 {
        emit!(Opened { account });
        emit!(Opened { account });
        panic!("one");
    }
    emit!(Opened { account });
    unreachable!()
}

#[transactional_event(tx = pool)]
pub async fn cfgs(pool: &PgPool) -> Result<(), sqlx::Error> {
    #[cfg(any())]
    emit!(Closed { account: 1 });
    #[cfg(any())]
    for account in nothing {
        emit!(Closed { account });
    }
    Ok(())
}

fn is_send<T: Send>(_: T) {}

/// Futures are `Send`.
pub fn sent(pool: &PgPool) {
    is_send(values(pool, &[]));
    is_send(boxed(pool));
    is_send(cfgs(pool));
}

fn main() {}
