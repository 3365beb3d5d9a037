//! The joins form.

use outbox::{emit, transactional_event, Database, Tx};
use sqlx::{Postgres, Transaction};

use crate::Opened;

/// A transaction of the caller.
///
/// # Errors
/// The database's.
#[transactional_event]
pub async fn plain(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut **tx).await?;
    emit!(Opened { account: 1 });
    ours_generic(tx).await
}

/// Of any database.
///
/// # Errors
/// The database's.
#[transactional_event]
pub async fn ours_generic<DB: Database>(tx: &mut Transaction<'_, DB>) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

/// Ours.
///
/// # Errors
/// The database's.
#[transactional_event]
pub async fn ours(tx: &mut Tx<'_, Postgres>, account: i64) -> sqlx::Result<i64> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!(Opened { account });
    Ok(account)
}

/// An owned one.
///
/// # Errors
/// The database's.
#[transactional_event]
pub async fn owned(mut tx: Transaction<'_, Postgres>) -> sqlx::Result<()> {
    emit!(Opened { account: 1 });
    tx.commit().await
}

/// A bank.
#[async_trait::async_trait]
pub trait Bank {
    /// Opens.
    ///
    /// # Errors
    /// The database's.
    async fn open(&self, tx: &mut Transaction<'_, Postgres>, account: i64) -> anyhow::Result<()>;
}

/// Ours.
pub struct Ours;

#[async_trait::async_trait]
impl Bank for Ours {
    #[transactional_event]
    async fn open(&self, tx: &mut Transaction<'_, Postgres>, account: i64) -> anyhow::Result<()> {
        emit!(Opened { account });
        Ok(())
    }
}
