//! Handlers on PostgreSQL that are dropped, panic or fail: everything or nothing is left, and no session in a transaction.

use outbox_runtime::Error;
use outbox_runtime::transaction::{Begin, finish};
use sqlx::Executor;
use sqlx::postgres::{PgPool, PgPoolOptions};

use crate::proxy;
use crate::support::{STATE, cancelled_after, changed, emit, handler, postgres};

/// 100 autocommit inserts through `pool`, then how many rows a second session sees.
async fn kept_after(db: &crate::support::Postgres, pool: &PgPool) -> i64 {
    for id in 0..100_i64 {
        sqlx::query(STATE).bind(id).execute(pool).await.unwrap();
    }
    db.counts().await.0
}

#[tokio::test]
async fn t1_cancelled_begin_loses_nothing() {
    let db = postgres(3).await;
    // After any number of polls …
    let mut cancelled = 0;
    for polls in (0..20).cycle().take(300) {
        cancelled += usize::from(!cancelled_after(polls, Begin::begin(&db.pool, Default::default())).await);
    }
    // A begin that is polled never or once cannot finish: BEGIN takes a round trip.
    assert!(cancelled >= 30, "only {cancelled} of 300 begins were cancelled");
    // … and while BEGIN is on its way.
    let (proxy, options) = proxy::start((*db.pool.connect_options()).clone()).await;
    let pool = PgPoolOptions::new().max_connections(3).connect_with(options).await.unwrap();
    for _ in 0..300 {
        proxy.cancelled_in_begin(Begin::begin(&pool, Default::default())).await;
    }
    let kept = kept_after(&db, &pool).await;
    assert_eq!(kept, 100);
    pool.close().await;
    db.drop().await;
}

/// Why begin is shielded. When this fails, sqlx has fixed the bug.
#[tokio::test]
async fn t1_the_trap_itself_is_still_there() {
    let db = postgres(3).await;
    let (proxy, options) = proxy::start((*db.pool.connect_options()).clone()).await;
    let pool = PgPoolOptions::new().max_connections(3).connect_with(options).await.unwrap();
    for _ in 0..10 {
        proxy.cancelled_in_begin(pool.begin()).await;
    }
    let kept = kept_after(&db, &pool).await;
    assert!(kept < 100, "sqlx kept all rows after cancelled begins");
    pool.close().await;
    db.drop().await;
}

#[tokio::test]
async fn t1_cancelled_savepoint_is_an_error() {
    let db = postgres(1).await;
    for id in 0..40_i64 {
        let result = handler!(db.pool, tx => {
            sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
            cancelled_after(id as usize % 4, tx.begin()).await;
            emit!(tx, changed(id));
            Ok(())
        });
        if let Err(error) = result.await {
            assert!(matches!(Error::find(&error), Some(Error::Aborted { .. })), "{error:?}");
        }
    }
    db.settled().await;
    let (_, _, torn) = db.counts().await;
    assert_eq!(torn, 0);
    db.drop().await;
}

#[tokio::test]
async fn t3_commit_dropped_after_one_poll_is_still_whole() {
    let db = postgres(2).await;
    for id in 0..100_i64 {
        let mut tx = Begin::begin(&db.pool, Default::default()).await.unwrap();
        {
            let tx = &mut tx;
            sqlx::query(STATE).bind(id).execute(&mut *tx).await.unwrap();
            let inserted: Result<(), Error> = async {
                emit!(tx, changed(id));
                Ok(())
            }
            .await;
            inserted.unwrap();
        }
        if id % 2 == 0 {
            // Raw access is checked before COMMIT: dropped after one poll, COMMIT is yet to be sent.
            let _: &mut sqlx::PgConnection = tx.as_mut();
        }
        cancelled_after(1, finish(tx, Ok::<_, Error>(()), |error| error)).await;
    }
    db.settled().await;
    assert_eq!(db.counts().await, (100, 100, 0));
    db.drop().await;
}

#[tokio::test]
async fn a1_cancelled_anywhere_is_both_or_neither() {
    let db = postgres(2).await;
    for id in 0..300_i64 {
        let body = handler!(db.pool, tx => {
            sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
            emit!(tx, changed(id));
            Ok(())
        });
        cancelled_after(id as usize % 150, body).await;
    }
    db.settled().await;
    let (_, _, torn) = db.counts().await;
    assert_eq!(torn, 0);
    assert_eq!(db.open_transactions().await, 0);
    db.drop().await;
}

#[tokio::test]
async fn t7_dropped_mid_statement_or_by_panic_leaks_nothing() {
    let db = postgres(2).await;
    for id in 0..100_i64 {
        let mut tx = Begin::begin(&db.pool, Default::default()).await.unwrap();
        sqlx::query(STATE).bind(id).execute(&mut tx).await.unwrap();
        let polls = id as usize % 4;
        let finished = cancelled_after(polls, tx.execute("SELECT pg_sleep(0.005)")).await;
        assert!(!finished);
        drop(tx);
    }
    for id in 0..20_i64 {
        let pool = db.pool.clone();
        let task = tokio::spawn(async move {
            handler!(pool, tx => {
                sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
                emit!(tx, changed(id));
                if id >= 0 {
                    panic!("a bug in the body");
                }
                Ok(())
            })
            .await
        });
        assert!(task.await.unwrap_err().is_panic());
    }
    db.settled().await;
    assert_eq!(db.open_transactions().await, 0);
    assert_eq!(kept_after(&db, &db.pool).await, 100);
    assert_eq!(db.counts().await.1, 0);
    db.drop().await;
}

#[tokio::test]
async fn error_returns_after_the_rollback() {
    let db = postgres(2).await;
    for id in 0..20 {
        let error = handler!(db.pool, tx => {
            sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
            emit!(tx, changed(1));
            if id < 20 { Err(sqlx::Error::RowNotFound) } else { Ok(()) }
        });
        assert!(matches!(error.await, Err(sqlx::Error::RowNotFound)));
        // Locks are free: this would wait for the row lock of an open transaction.
        assert_eq!(db.open_transactions().await, 0);
    }
    assert_eq!(db.counts().await, (0, 0, 0));
    db.drop().await;
}
