#![deny(warnings)]
//! sqlx as services use it: streams, `query_as`, `query_scalar`, `QueryBuilder`, `FromRow`, raw SQL, many at once.
use futures_util::{StreamExt, TryStreamExt};
use outbox::{Event, emit, transactional_event};
use sqlx::{Executor, PgPool, Postgres, QueryBuilder, Row};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[derive(sqlx::FromRow)]
pub struct Account {
    id: i64,
    balance: i64,
}

#[transactional_event(tx = pool)]
pub async fn all(pool: &PgPool, ids: &[i64]) -> Result<Vec<Account>, sqlx::Error> {
    let accounts: Vec<Account> =
        sqlx::query_as("SELECT id, balance FROM accounts WHERE id = ANY($1)").bind(ids).fetch_all(&mut *tx).await?;
    let one: Option<(i64, String)> = sqlx::query_as("SELECT id, name FROM accounts").fetch_optional(&mut *tx).await?;
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM accounts").fetch_one(&mut *tx).await?;

    let mut large = Vec::new();
    {
        let mut rows = sqlx::query_as::<_, Account>("SELECT id, balance FROM accounts").fetch(&mut *tx);
        while let Some(account) = rows.try_next().await? {
            if account.balance > 1_000 {
                large.push(account.id);
            }
        }
    }
    for account in large {
        emit!(Opened { account });
    }

    let names: Vec<String> = sqlx::query("SELECT name FROM accounts")
        .map(|row: sqlx::postgres::PgRow| row.get::<String, _>(0))
        .fetch(&mut *tx)
        .filter_map(|name| std::future::ready(name.ok()))
        .collect()
        .await;

    let mut builder = QueryBuilder::<Postgres>::new("INSERT INTO names (id, name) ");
    builder.push_values(names.iter().zip(ids), |mut row, (name, id)| {
        row.push_bind(id).push_bind(name);
    });
    builder.build().execute(&mut *tx).await?;

    tx.execute("SET LOCAL statement_timeout = '1s'").await?;
    tx.fetch_one("SELECT 1").await?;
    sqlx::raw_sql("SELECT 1; SELECT 2").execute(&mut *tx).await?;
    emit!(Opened { account: count + one.map_or(0, |(id, _)| id) });
    Ok(accounts)
}

fn main() {}
