//! The joins form: each event is a row of the caller's transaction, whatever becomes of that.

use outbox::{Error, Tx, emit, transactional_event};
use sqlx::{Sqlite, SqlitePool, Transaction};

use crate::support::{Changed, STATE, broken, db};

#[transactional_event]
async fn change(tx: &mut Transaction<'_, Sqlite>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query(STATE).bind(id).execute(&mut **tx).await?;
    emit!(Changed { id });
    Ok(())
}

#[transactional_event]
async fn change_ours(tx: &mut Tx<'_, Sqlite>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
    emit!(Changed { id });
    Ok(())
}

#[transactional_event]
async fn change_and_commit(mut tx: Transaction<'_, Sqlite>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
    emit!(Changed { id });
    tx.commit().await
}

#[transactional_event(tx = pool)]
async fn both(pool: &SqlitePool, fails: bool) -> Result<(), sqlx::Error> {
    change(tx, 1).await?;
    change_ours(tx, 2).await?;
    if fails { Err(sqlx::Error::RowNotFound) } else { Ok(()) }
}

#[tokio::test]
async fn the_caller_commits() {
    let db = db().await;
    let mut tx = db.pool.begin().await.unwrap();
    change(&mut tx, 1).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.counts().await, (1, 1));
}

#[tokio::test]
async fn the_caller_rolls_back() {
    let db = db().await;
    let mut tx = db.pool.begin().await.unwrap();
    change(&mut tx, 1).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(db.counts().await, (0, 0));
}

#[tokio::test]
async fn an_owned_transaction_is_committed_inside() {
    let db = db().await;
    change_and_commit(db.pool.begin().await.unwrap(), 1).await.unwrap();
    assert_eq!(db.counts().await, (1, 1));
}

#[tokio::test]
async fn handlers_join_an_opened_one() {
    let db = db().await;
    both(&db.pool, true).await.unwrap_err();
    assert_eq!(db.counts().await, (0, 0));
    both(&db.pool, false).await.unwrap();
    assert_eq!((db.counts().await, db.keys().await), ((2, 2), vec![1, 2]));
}

#[transactional_event]
async fn encode(tx: &mut Transaction<'_, Sqlite>) -> Result<(), sqlx::Error> {
    emit!(broken());
    Ok(())
}

#[tokio::test]
async fn an_event_that_is_not_stored_is_an_error() {
    let db = db().await;
    let mut tx = db.pool.begin().await.unwrap();
    let error = encode(&mut tx).await.unwrap_err();
    assert!(matches!(Error::find(&error), Some(Error::Encode { .. })), "{error:?}");
}

/// `#[async_trait]` lowers the method before the attribute sees it.
#[async_trait::async_trait]
trait Bank {
    async fn change(&self, tx: &mut Transaction<'_, Sqlite>, id: i64) -> Result<(), sqlx::Error>;
}

struct Ours;

#[async_trait::async_trait]
impl Bank for Ours {
    #[transactional_event]
    async fn change(&self, tx: &mut Transaction<'_, Sqlite>, id: i64) -> Result<(), sqlx::Error> {
        sqlx::query(STATE).bind(id).execute(&mut **tx).await?;
        emit!(Changed { id });
        Ok(())
    }
}

#[tokio::test]
async fn an_async_trait_joins() {
    let db = db().await;
    let mut tx = db.pool.begin().await.unwrap();
    let bank: &dyn Bank = &Ours;
    bank.change(&mut tx, 1).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.counts().await, (1, 1));
}
