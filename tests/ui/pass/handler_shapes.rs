#![deny(warnings)]
//! Functions in the shapes that functions have.
use outbox::{Event, emit, transactional_event};
use sqlx::{PgPool, Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

macro_rules! handlers {
    ($($name:ident => $account:expr),+) => {$(
        /// Made by a macro.
        #[transactional_event(tx = pool)]
        pub async fn $name(pool: &PgPool) -> Result<(), sqlx::Error> {
            sqlx::query("SELECT 1").execute(&mut *tx).await?;
            emit!(Opened { account: $account });
            Ok(())
        }
    )+};
}
handlers!(first => 1, second => 2);

macro_rules! with_body {
    ($name:ident, $tx:ident, $body:block) => {
        #[transactional_event]
        pub async fn $name($tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> $body
    };
}
with_body!(third, tx, {
    sqlx::query("SELECT 1").execute(&mut **tx).await?;
    emit!(Opened { account: 3 });
    Ok(())
});

/// Its documentation stays.
#[must_use = "it may fail"]
#[inline]
#[allow(clippy::missing_errors_doc)]
pub(crate) async unsafe fn attributes(#[allow(unused)] a: i64, pool: &PgPool) -> Result<(), sqlx::Error> {
    inside(pool, a).await
}

#[transactional_event(tx = pool)]
#[allow(improper_ctypes_definitions)]
pub(crate) async unsafe extern "C" fn abi(pool: &PgPool) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

#[transactional_event(tx = pool, retry = 1)]
/// Kept.
#[must_use = "it may fail"]
#[inline]
async fn inside(
    pool: &PgPool,
    #[cfg(any())] absent: Missing,
    #[cfg(all())] present: i64,
) -> Result<(), sqlx::Error> {
    emit!(Opened { account: present });
    Ok(())
}

#[transactional_event(tx = pools.1)]
pub async fn field_of_tuple(pools: &(i64, PgPool)) -> Result<(), sqlx::Error> {
    emit!(Opened { account: pools.0 });
    Ok(())
}

#[transactional_event(tx = app.pool().await)]
pub async fn call(app: &App) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

pub struct App(PgPool);

impl App {
    async fn pool(&self) -> &PgPool {
        &self.0
    }
}

static POOL: std::sync::LazyLock<PgPool> = std::sync::LazyLock::new(|| unreachable!());

#[transactional_event(tx = POOL)]
pub async fn in_a_static() -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

pub trait Bank {
    fn pool(&self) -> &PgPool;

    #[allow(async_fn_in_trait)]
    #[transactional_event(tx = self.pool())]
    async fn default_opens(&self) -> Result<(), sqlx::Error>
    where
        Self: Sync,
    {
        emit!(Opened { account: 1 });
        Ok(())
    }

    #[allow(async_fn_in_trait)]
    #[transactional_event(savepoint)]
    async fn default_joins(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
        emit!(Opened { account: 1 });
        Ok(())
    }
}

#[transactional_event]
pub async fn beside_a_channel(
    tx: tokio::sync::mpsc::Sender<i64>,
    db: &mut Transaction<'_, Postgres>,
) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut **db).await?;
    emit!(Opened { account: 1 });
    tx.send(1).await.ok();
    Ok(())
}

#[transactional_event]
pub async fn in_a_pattern((tx, account): (&mut Transaction<'_, Postgres>, i64)) -> Result<(), sqlx::Error> {
    emit!(Opened { account });
    Ok(())
}

fn main() {}
