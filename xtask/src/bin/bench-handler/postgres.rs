//! On PostgreSQL, by hand with the INSERT that `emit!` uses and with plain VALUES.

use anyhow::Result;
use outbox::{Record, emit, transactional_event};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::{UPDATE, Withdrawn, compare};

#[transactional_event(tx = pool)]
async fn ours(pool: &PgPool, account: i64, amount: i64) -> Result<(), sqlx::Error> {
    sqlx::query(UPDATE).bind(amount).bind(account).execute(&mut *tx).await?;
    emit!(Withdrawn { account, amount });
    Ok(())
}

fn record(account: i64, amount: i64) -> Result<Record, sqlx::Error> {
    Ok(Record::new(&Withdrawn { account, amount })?)
}

async fn unnest(pool: &PgPool, account: i64, amount: i64) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    sqlx::query(UPDATE).bind(amount).bind(account).execute(&mut *tx).await?;
    let record = record(account, amount)?;
    sqlx::query(
        "INSERT INTO outbox_log (id, topic, key, headers, payload) \
         SELECT id, topic, key, headers, payload \
         FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[]) \
         WITH ORDINALITY AS event (id, topic, key, headers, payload, place) ORDER BY place",
    )
    .bind(vec![record.id])
    .bind(vec![&*record.topic])
    .bind(vec![record.key.as_deref()])
    .bind(vec![record.headers.as_bytes()])
    .bind(vec![record.payload.as_deref()])
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

async fn values(pool: &PgPool, account: i64, amount: i64) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    sqlx::query(UPDATE).bind(amount).bind(account).execute(&mut *tx).await?;
    let record = record(account, amount)?;
    sqlx::query("INSERT INTO outbox_log (id, topic, key, headers, payload) VALUES ($1, $2, $3, $4, $5)")
        .bind(record.id)
        .bind(&*record.topic)
        .bind(record.key.as_deref())
        .bind(record.headers.as_bytes())
        .bind(record.payload.as_deref())
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

pub(crate) async fn run(url: &str, schema: &str, repetitions: u32) -> Result<()> {
    let options: PgConnectOptions = url.parse()?;
    // A disk that has to be waited for would hide what is measured.
    let options = options.options([("search_path", schema), ("synchronous_commit", "off")]);
    let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await?;
    sqlx::query("CREATE TABLE accounts (id bigint PRIMARY KEY, balance bigint NOT NULL)").execute(&pool).await?;
    sqlx::query("INSERT INTO accounts SELECT id, 0 FROM generate_series(0, 99) id").execute(&pool).await?;
    // Futures that own their pool: a clone of it allocates nothing, and borrowing closures are no `Fn` for every lifetime.
    let with_emit = |account| {
        let pool = pool.clone();
        async move { ours(&pool, account, 1).await }
    };
    let with_unnest = |account| {
        let pool = pool.clone();
        async move { unnest(&pool, account, 1).await }
    };
    let with_values = |account| {
        let pool = pool.clone();
        async move { values(&pool, account, 1).await }
    };
    compare("postgres", repetitions, with_emit, with_unnest).await?;
    compare("postgres_values", repetitions, with_emit, with_values).await?;
    pool.close().await;
    Ok(())
}
