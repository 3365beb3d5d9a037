//! The opens form: `Ok` stores the state and its events, every other way out stores neither.

use std::time::Duration;

use outbox::{Error, emit, transactional_event};
use sqlx::SqlitePool;
use tokio::sync::Notify;

use crate::support::{Changed, STATE, broken, db};

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("database")]
    Database(#[from] sqlx::Error),
    #[error("refused")]
    Refused,
}

/// How the handler is left, after the state and the event.
#[derive(Clone, Copy)]
enum Way {
    Ok,
    EarlyOk,
    Err,
    Question,
    Panic,
}

#[transactional_event(tx = pool)]
async fn change(pool: &SqlitePool, id: i64, way: Way) -> Result<i64, Failure> {
    sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
    emit!(Changed { id });
    match way {
        Way::Ok => {}
        Way::EarlyOk => return Ok(id + 1),
        Way::Err => return Err(Failure::Refused),
        Way::Question => {
            sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
        }
        Way::Panic => panic!("on purpose"),
    }
    Ok(id)
}

#[tokio::test]
async fn ok_stores_both() {
    let db = db().await;
    assert_eq!(change(&db.pool, 1, Way::Ok).await.unwrap(), 1);
    assert_eq!(db.counts().await, (1, 1));
}

#[tokio::test]
async fn early_return_of_ok_stores_both() {
    let db = db().await;
    assert_eq!(change(&db.pool, 1, Way::EarlyOk).await.unwrap(), 2);
    assert_eq!(db.counts().await, (1, 1));
}

#[tokio::test]
async fn err_stores_neither() {
    let db = db().await;
    assert!(matches!(change(&db.pool, 1, Way::Err).await, Err(Failure::Refused)));
    assert_eq!(db.counts().await, (0, 0));
}

#[tokio::test]
async fn question_mark_stores_neither() {
    let db = db().await;
    assert!(matches!(change(&db.pool, 1, Way::Question).await, Err(Failure::Database(_))));
    assert_eq!(db.counts().await, (0, 0));
}

#[tokio::test]
async fn panic_stores_neither() {
    let db = db().await;
    let pool = db.pool.clone();
    let task = tokio::spawn(async move { change(&pool, 1, Way::Panic).await });
    assert!(task.await.unwrap_err().is_panic());
    assert_eq!(db.counts().await, (0, 0));
    // And the pool is sound.
    change(&db.pool, 1, Way::Ok).await.unwrap();
    assert_eq!(db.counts().await, (1, 1));
}

#[transactional_event(tx = pool)]
async fn hang(pool: &SqlitePool, stored: &Notify) -> Result<(), sqlx::Error> {
    sqlx::query(STATE).bind(1).execute(&mut *tx).await?;
    emit!(Changed { id: 1 });
    stored.notify_one();
    std::future::pending().await
}

#[tokio::test]
async fn timeout_stores_neither() {
    let db = db().await;
    let stored = Notify::new();
    tokio::select! {
        result = tokio::time::timeout(Duration::from_secs(30), hang(&db.pool, &stored)) => panic!("{result:?}"),
        // Dropped when the event is in the transaction.
        () = stored.notified() => {}
    }
    assert_eq!(db.counts().await, (0, 0));
}

#[transactional_event(tx = pool)]
async fn change_all(pool: &SqlitePool, ids: &[i64]) -> Result<(), sqlx::Error> {
    for id in ids {
        sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
        emit!(Changed { id: *id });
    }
    let again = async {
        emit!(Changed { id: -1 });
        Ok::<_, sqlx::Error>(())
    };
    again.await
}

#[tokio::test]
async fn events_of_a_loop_keep_their_order() {
    let db = db().await;
    let ids = [5, 3, 9, 1, 7];
    change_all(&db.pool, &ids).await.unwrap();
    assert_eq!(db.keys().await, [5, 3, 9, 1, 7, -1]);
}

#[transactional_event(tx = pool)]
async fn with_savepoint(pool: &SqlitePool, keep: bool) -> Result<(), sqlx::Error> {
    sqlx::query(STATE).bind(1).execute(&mut *tx).await?;
    {
        let mut tx = tx.begin().await?;
        sqlx::query(STATE).bind(2).execute(&mut *tx).await?;
        emit!(Changed { id: 2 });
        if keep { tx.commit().await? } else { tx.rollback().await? }
    }
    emit!(Changed { id: 1 });
    Ok(())
}

#[tokio::test]
async fn savepoint_takes_its_event_along() {
    let db = db().await;
    with_savepoint(&db.pool, false).await.unwrap();
    assert_eq!((db.counts().await, db.keys().await), ((1, 1), vec![1]));
}

#[tokio::test]
async fn savepoint_that_is_kept_keeps_its_event() {
    let db = db().await;
    with_savepoint(&db.pool, true).await.unwrap();
    assert_eq!((db.counts().await, db.keys().await), ((2, 2), vec![2, 1]));
}

#[transactional_event(tx = pool)]
async fn swallow(pool: &SqlitePool) -> anyhow::Result<()> {
    sqlx::query(STATE).bind(1).execute(&mut *tx).await?;
    let dropped = async {
        emit!(broken());
        Ok::<_, sqlx::Error>(())
    };
    let _ = dropped.await;
    Ok(())
}

#[tokio::test]
async fn swallowed_emit_error_is_an_error() {
    let db = db().await;
    let error = swallow(&db.pool).await.unwrap_err();
    let found = Error::find(error.as_ref());
    assert!(matches!(found, Some(Error::EmitFailed { .. })), "{error:?}");
    assert_eq!(db.counts().await, (0, 0));
}

#[transactional_event(tx = pool)]
async fn encode(pool: &SqlitePool) -> Result<(), Failure> {
    sqlx::query(STATE).bind(1).execute(&mut *tx).await?;
    emit!(broken());
    Ok(())
}

#[tokio::test]
async fn our_error_is_found_in_the_handlers() {
    let db = db().await;
    let error = encode(&db.pool).await.unwrap_err();
    assert!(matches!(Error::find(&error), Some(Error::Encode { event: "test.broken", .. })), "{error:?}");
    assert_eq!(db.counts().await, (0, 0));
}

#[derive(Debug, thiserror::Error)]
enum Direct {
    #[error("database")]
    Database(#[from] sqlx::Error),
    #[error("outbox")]
    Outbox(#[from] Error),
}

#[transactional_event(tx = pool)]
async fn encode_direct(pool: &SqlitePool) -> Result<(), Direct> {
    sqlx::query(STATE).bind(1).execute(&mut *tx).await?;
    emit!(broken());
    Ok(())
}

#[tokio::test]
async fn from_of_our_error_is_preferred() {
    let db = db().await;
    let error = encode_direct(&db.pool).await.unwrap_err();
    assert!(matches!(error, Direct::Outbox(Error::Encode { .. })), "{error:?}");
}
