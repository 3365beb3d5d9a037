#![deny(warnings)]
//! Arguments of anonymous types, iterators, closures, references with lifetimes, patterns.
use std::borrow::Cow;

use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = pool)]
pub async fn all<'a, I, F>(
    pool: &PgPool,
    accounts: impl IntoIterator<Item = i64, IntoIter: Send> + Send,
    names: I,
    choose: F,
    (first, second): (i64, i64),
    [third, fourth]: [i64; 2],
    text: &'a str,
    cow: Cow<'a, str>,
    mut count: usize,
    _: (),
) -> Result<&'a str, sqlx::Error>
where
    I: Iterator<Item = &'a str> + Send,
    F: Fn(i64) -> bool + Send + Sync,
{
    for account in accounts {
        if choose(account) {
            emit!(Opened { account });
            count += 1;
        }
    }
    emit!(Opened { account: first + second + third + fourth });
    for name in names {
        sqlx::query("INSERT INTO names VALUES ($1, $2)").bind(name).bind(&*cow).execute(&mut *tx).await?;
    }
    Ok(if count > 0 { text } else { "" })
}

fn main() {}
