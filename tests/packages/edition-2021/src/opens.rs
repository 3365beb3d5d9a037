//! The opens form.

use std::sync::Arc;
use std::time::Duration;

use outbox::{emit, transactional_event};
use sqlx::{PgPool, SqlitePool};

use crate::Opened;

/// Has a pool.
pub struct Service {
    pool: PgPool,
    next: i64,
}

/// A free function, with early returns, loops and matches.
///
/// # Errors
/// The database's.
#[transactional_event(tx = pool)]
pub async fn function(pool: &PgPool, accounts: &[i64]) -> Result<usize, sqlx::Error> {
    if accounts.is_empty() {
        return Ok(0);
    }
    for account in accounts {
        sqlx::query("INSERT INTO accounts VALUES ($1)").bind(account).execute(&mut *tx).await?;
        emit!(Opened { account: *account });
    }
    let (one, two) = tokio::join!(async { accounts.len() }, std::future::ready(2));
    match one {
        1 => emit!(Opened { account: 1 }),
        _ => outbox::emit!(&Opened { account: 2 }),
    }
    Ok(one + two)
}

impl Service {
    /// A service.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self { pool, next: 0 }
    }

    /// A method.
    ///
    /// # Errors
    /// The database's.
    #[tracing::instrument(skip_all)]
    #[transactional_event(tx = self.pool)]
    pub async fn open(&self, account: i64) -> Result<(), sqlx::Error> {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => return Err(sqlx::Error::PoolTimedOut),
            done = sqlx::query("SELECT 1").execute(&mut *tx) => {
                done?;
            }
        }
        emit!(Opened { account });
        Ok(())
    }

    /// A method that changes the service.
    ///
    /// # Errors
    /// The database's.
    #[transactional_event(tx = self.pool)]
    #[tracing::instrument(skip_all)]
    pub async fn count(&mut self) -> anyhow::Result<i64> {
        self.next += 1;
        emit!(Opened { account: self.next });
        Ok(self.next)
    }

    /// Behind an `Arc`.
    ///
    /// # Errors
    /// The database's.
    #[transactional_event(tx = self.pool)]
    pub async fn shared(self: Arc<Self>) -> Result<i64, Box<dyn std::error::Error + Send + Sync>> {
        let block = async {
            emit!(Opened { account: self.next });
            Ok::<_, sqlx::Error>(())
        };
        block.await?;
        Ok(self.next)
    }
}

macro_rules! handler {
    ($name:ident, $body:block) => {
        /// Made by a macro.
        ///
        /// # Errors
        /// The database's.
        #[transactional_event(tx = pool)]
        pub async fn $name(pool: SqlitePool) -> Result<(), sqlx::Error> $body
    };
}

handler!(made, {
    emit!(Opened { account: 3 });
    Ok(())
});
