//! `isolation`, and where a transaction can be opened from.

use std::sync::{Arc, LazyLock};

use outbox::{Begin, BeginOptions, Error, Isolation, Tx, transactional_event};
use sqlx::{PgPool, Postgres, SqlitePool};

use crate::postgres::postgres;
use crate::support::db;

const ISOLATION: &str = "SELECT current_setting('transaction_isolation')";

#[transactional_event(tx = pool, isolation = serializable)]
async fn serializable(pool: &PgPool) -> Result<String, sqlx::Error> {
    sqlx::query_scalar(ISOLATION).fetch_one(&mut *tx).await
}

#[transactional_event(tx = pool, isolation = repeatable_read)]
async fn repeatable_read(pool: &PgPool) -> Result<String, sqlx::Error> {
    sqlx::query_scalar(ISOLATION).fetch_one(&mut *tx).await
}

#[transactional_event(tx = pool, isolation = read_committed)]
async fn read_committed(pool: &PgPool) -> Result<String, sqlx::Error> {
    sqlx::query_scalar(ISOLATION).fetch_one(&mut *tx).await
}

#[transactional_event(tx = pool, isolation = serializable)]
async fn on_sqlite(pool: &SqlitePool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT 1").fetch_one(&mut *tx).await
}

/// A source of one's own, which hands the options on.
struct App(PgPool);

impl Begin for App {
    type Database = Postgres;

    async fn begin(&self, options: BeginOptions) -> Result<Tx<'static, Postgres>, Error> {
        assert_eq!(options.isolation, Some(Isolation::RepeatableRead));
        Begin::begin(&self.0, options).await
    }
}

#[transactional_event(tx = app, isolation = repeatable_read)]
async fn through_an_own_source(app: &App) -> Result<String, sqlx::Error> {
    sqlx::query_scalar(ISOLATION).fetch_one(&mut *tx).await
}

#[tokio::test]
async fn the_transaction_has_it() {
    let db = postgres().await;
    assert_eq!(serializable(&db.pool).await.unwrap(), "serializable");
    assert_eq!(repeatable_read(&db.pool).await.unwrap(), "repeatable read");
    assert_eq!(read_committed(&db.pool).await.unwrap(), "read committed");
    assert_eq!(through_an_own_source(&App(db.pool.clone())).await.unwrap(), "repeatable read");
    db.drop().await;
    assert_eq!(on_sqlite(&crate::support::db().await.pool).await.unwrap(), 1);
}

#[transactional_event(tx = pool)]
async fn any(pool: impl Begin<Database = sqlx::Sqlite> + Sync) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT 1").fetch_one(&mut *tx).await
}

#[tokio::test]
async fn every_owned_source_opens_one() {
    let db = db().await;
    assert_eq!(any(&db.pool).await.unwrap(), 1);
    assert_eq!(any(&mut db.pool.clone()).await.unwrap(), 1);
    assert_eq!(any(Arc::new(db.pool.clone())).await.unwrap(), 1);
    assert_eq!(any(Box::new(&db.pool)).await.unwrap(), 1);
    let pool = db.pool.clone();
    assert_eq!(any(LazyLock::new(move || pool)).await.unwrap(), 1);
}
