//! On SQLite in memory: no server and no disk, so every microsecond of ours shows.

use anyhow::Result;
use outbox::{Record, emit, transactional_event};
use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;

use crate::{UPDATE, Withdrawn, compare};

#[transactional_event(tx = pool)]
async fn ours(pool: &SqlitePool, account: i64, amount: i64) -> Result<(), sqlx::Error> {
    sqlx::query(UPDATE).bind(amount).bind(account).execute(&mut *tx).await?;
    emit!(Withdrawn { account, amount });
    Ok(())
}

async fn by_hand(pool: &SqlitePool, account: i64, amount: i64) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query(UPDATE).bind(amount).bind(account).execute(&mut *tx).await?;
    let record = Record::new(&Withdrawn { account, amount })?;
    sqlx::query("INSERT INTO outbox_log (id, topic, key, headers, payload) VALUES (?, ?, ?, ?, ?)")
        .bind(record.id)
        .bind(&*record.topic)
        .bind(record.key.as_deref())
        .bind(record.headers.as_bytes())
        .bind(record.payload.as_deref())
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

pub(crate) async fn run(repetitions: u32) -> Result<()> {
    // One connection that stays: each would have a memory of its own.
    let options = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    let pool = options.connect("sqlite::memory:").await?;
    outbox::migrate(&pool).await?;
    sqlx::query("CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)").execute(&pool).await?;
    for account in 0..100 {
        sqlx::query("INSERT INTO accounts VALUES (?, 0)").bind(account).execute(&pool).await?;
    }
    let with_emit = |account| {
        let pool = pool.clone();
        async move { ours(&pool, account, 1).await }
    };
    let with_insert = |account| {
        let pool = pool.clone();
        async move { by_hand(&pool, account, 1).await }
    };
    compare("sqlite", repetitions, with_emit, with_insert).await?;
    pool.close().await;
    Ok(())
}
