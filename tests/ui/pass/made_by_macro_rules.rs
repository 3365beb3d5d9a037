#![deny(warnings)]
//! Handlers made by `macro_rules!`: bodies, types, pools, whole functions as fragments.
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

macro_rules! whole {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($argument:ident: $ty:ty),*) -> $output:ty $body:block) => {
        $(#[$meta])*
        #[transactional_event(tx = pool)]
        $vis async fn $name(pool: &PgPool, $($argument: $ty),*) -> $output $body
    };
}

whole! {
    /// Made.
    pub fn made(account: i64, times: usize) -> Result<(), sqlx::Error> {
        for _ in 0..times {
            emit!(Opened { account });
        }
        Ok(())
    }
}

macro_rules! from_pool {
    ($name:ident, $pool:expr, $event:expr) => {
        #[transactional_event(tx = $pool)]
        pub async fn $name() -> Result<(), sqlx::Error> {
            emit!($event);
            Ok(())
        }
    };
}

from_pool!(by_expression, DB.get().expect("connected"), Opened { account: 2 });

static DB: std::sync::OnceLock<PgPool> = std::sync::OnceLock::new();

macro_rules! statement {
    ($tx:expr, $sql:literal $(, $value:expr)*) => {
        sqlx::query($sql)$(.bind($value))*.execute($tx).await?
    };
}

#[transactional_event(tx = pool)]
pub async fn statements(pool: &PgPool, account: i64) -> Result<(), sqlx::Error> {
    statement!(&mut *tx, "INSERT INTO accounts VALUES ($1)", account);
    let done = statement!(&mut *tx, "SELECT 1");
    emit!(Opened { account: i64::try_from(done.rows_affected()).unwrap_or(0) });
    Ok(())
}

fn main() {}
