#![deny(warnings)]
//! Things that execute, fetch, begin and acquire, and are no statements beside the transaction.
use std::sync::{Arc, Mutex};

use outbox::transactional_event;
use sqlx::{Acquire, Executor, PgConnection, PgPool, Postgres, Row, Transaction};
use tokio::sync::Semaphore;

/// Takes a pool, and is no statement.
pub struct Command;

impl Command {
    pub fn execute(&self, _: &PgPool) {}
}

pub struct Robot;

impl Robot {
    pub fn execute(&self, _: &str) {}

    pub fn begin(&self) {}

    pub fn fetch_one<T: Default>(&self, _: T) -> T {
        T::default()
    }
}

pub struct Spawner {
    pub pool: PgPool,
}

impl Spawner {
    pub fn spawn(&self) {}
}

pub struct App {
    pub pool: PgPool,
    pub permits: Semaphore,
    pub robot: Robot,
    pub command: Command,
    pub items: Vec<i64>,
    pub shared: Arc<Mutex<Vec<i64>>>,
    pub name: Option<String>,
}

fn helper(_: &PgPool) {}

async fn with_connection(_: &mut PgConnection) {}

async fn with_transaction(_: &mut Transaction<'_, Postgres>) {}

async fn with_executor<'e, E: Executor<'e, Database = Postgres>>(_: E) {}

#[transactional_event(tx = app.pool)]
pub async fn opened(app: &App, other: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    app.robot.execute("COMMIT");
    app.robot.begin();
    let _: i32 = app.robot.fetch_one(1);
    let _: String = app.robot.fetch_one(app.name.clone().unwrap_or_default());
    app.command.execute(&app.pool);
    Command.execute(&app.pool);
    let _permit = app.permits.acquire().await.expect("open");
    let _other = app.permits.try_acquire();
    helper(&app.pool);
    let size = app.pool.size();
    sqlx::query("SELECT $1").bind(i64::from(size)).execute(&mut *tx).await?;
    sqlx::query("SELECT 1").execute(&mut **other).await?;
    let mut savepoint = tx.begin().await?;
    sqlx::query("SELECT 1").execute(&mut *savepoint).await?;
    savepoint.commit().await?;
    let mut inner = other.begin().await?;
    sqlx::query("SELECT 1").fetch_all(&mut *inner).await?;
    inner.rollback().await?;
    with_connection(tx).await;
    with_transaction(tx).await;
    with_executor(&mut *tx).await;
    sqlx::query("SAVEPOINT a; ROLLBACK TO a").execute(&mut *tx).await?;
    tx.execute("SELECT 1").await?;
    Ok(())
}

#[transactional_event]
pub async fn joined(app: &App, tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    let ids: Vec<i64> =
        sqlx::query("SELECT 1::int8").map(|row: sqlx::postgres::PgRow| row.get(0)).fetch_all(&mut **tx).await?;
    app.shared.lock().expect("not poisoned").extend(ids);
    let connection: &mut PgConnection = tx;
    sqlx::query("SELECT 1").execute(&mut *connection).await?;
    let mut savepoint = tx.begin().await?;
    with_connection(&mut savepoint).await;
    savepoint.commit().await?;
    let connection = tx.acquire().await?;
    sqlx::query("SELECT 1").execute(connection).await?;
    Ok(())
}

/// A pool of the handler's own making.
#[transactional_event(tx = pool)]
pub async fn local(pool: &PgPool, address: &str) -> Result<(), sqlx::Error> {
    let pool = PgPool::connect_lazy(address)?;
    sqlx::query("SELECT 1").execute(&pool).await?;
    let mut conn = pool.acquire().await?;
    sqlx::query("BEGIN").execute(&mut *conn).await?;
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    Ok(())
}

/// A name that means something else further down.
#[transactional_event(tx = pool)]
pub async fn rebound(pool: &PgPool, addresses: Vec<String>) -> Result<(), sqlx::Error> {
    for pool in addresses.iter().map(|address| PgPool::connect_lazy(address)) {
        sqlx::query("SELECT 1").execute(&pool?).await?;
    }
    let close = |pool: PgPool| async move { sqlx::query("SELECT 1").execute(&pool).await };
    close(PgPool::connect_lazy("postgres://localhost")?).await?;
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    Ok(())
}

/// An executor of the caller's choice may be anything.
#[transactional_event(tx = pool)]
pub async fn generic<'e, E>(pool: &PgPool, executor: E) -> Result<(), sqlx::Error>
where
    E: Executor<'e, Database = Postgres>,
{
    sqlx::query("SELECT 1").execute(executor).await?;
    sqlx::raw_sql("SELECT 1").execute(&mut *tx).await?;
    Ok(())
}

impl Spawner {
    #[transactional_event(tx = self.pool)]
    pub async fn moves(&self, pool: PgPool) -> Result<(), sqlx::Error> {
        self.spawn();
        let later = move || pool.size();
        let _ = later();
        sqlx::query("SELECT 1").execute(&mut *tx).await?;
        Ok(())
    }
}

/// Owned: its commit is the handler's.
#[transactional_event]
pub async fn owned(mut tx: Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    tx.commit().await
}

fn is_send<T: Send>(_: T) {}

pub fn futures(app: &App, pool: &PgPool, tx: Transaction<'static, Postgres>) {
    is_send(owned(tx));
    is_send(local(pool, ""));
    is_send(rebound(pool, Vec::new()));
    let _ = app;
}

fn main() {}
