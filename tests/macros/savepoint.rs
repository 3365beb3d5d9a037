//! `savepoint`: all or nothing inside the caller's transaction, which goes on whatever happens.

use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::task::Poll;

use futures_util::FutureExt;
use outbox::{Error, Tx, emit, transactional_event};
use sqlx::{Database, Executor, PgPool, Postgres, Sqlite, SqlitePool, Transaction};

use crate::postgres::{STATE, postgres};
use crate::support::{self, Changed, broken, db};

/// What happens after the state and the event.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Ok,
    Err,
    Panic,
    /// A failed statement, and `Ok` all the same.
    Swallow,
    /// A COMMIT, and its error.
    Commit,
    /// An event that cannot be stored, and its error.
    Broken,
    /// The same, and `Ok` all the same.
    SwallowBroken,
    /// A savepoint that is never closed.
    Leak,
}

#[transactional_event(savepoint)]
async fn plain(tx: &mut Transaction<'_, Postgres>, id: i64, way: Way) -> Result<i64, sqlx::Error> {
    sqlx::query(STATE).bind(id).execute(&mut **tx).await?;
    emit!(Changed { id });
    match way {
        Way::Err => return Err(sqlx::Error::RowNotFound),
        Way::Panic => panic!("on purpose"),
        Way::Swallow => drop(tx.execute("SELECT nonsense").await),
        Way::Leak => std::mem::forget(sqlx::Acquire::begin(&mut *tx).await?),
        Way::Broken => emit!(broken()),
        _ => {}
    }
    Ok(id)
}

#[transactional_event(savepoint)]
async fn ours(tx: &mut Tx<'_, Postgres>, id: i64, way: Way) -> Result<i64, sqlx::Error> {
    sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
    emit!(Changed { id });
    match way {
        Way::Err => return Err(sqlx::Error::RowNotFound),
        Way::Panic => panic!("on purpose"),
        Way::Swallow => drop(tx.execute("SELECT nonsense").await),
        Way::Commit => {
            // As a literal it does not compile.
            let text = "COMMIT";
            tx.execute(text).await?;
        }
        Way::Broken => emit!(broken()),
        Way::SwallowBroken => {
            let dropped = async {
                emit!(broken());
                Ok::<_, sqlx::Error>(())
            };
            drop(dropped.await);
        }
        Way::Leak => std::mem::forget(tx.begin().await?),
        Way::Ok => {}
    }
    Ok(id)
}

/// In the middle of a transaction that has state before and after.
#[transactional_event(tx = pool)]
async fn around_ours(pool: &PgPool, way: Way) -> Result<String, sqlx::Error> {
    sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
    let out = AssertUnwindSafe(ours(tx, 2, way)).catch_unwind().await;
    sqlx::query(STATE).bind(3_i64).execute(&mut *tx).await?;
    emit!(Changed { id: 3 });
    Ok(match out {
        Err(_) => "panic".to_owned(),
        Ok(Ok(_)) => "ok".to_owned(),
        Ok(Err(error)) => format!("{error:?}"),
    })
}

async fn around_plain(pool: &PgPool, way: Way) -> Result<String, sqlx::Error> {
    let mut tx = pool.begin().await?;
    sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
    let out = AssertUnwindSafe(plain(&mut tx, 2, way)).catch_unwind().await;
    sqlx::query(STATE).bind(3_i64).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(match out {
        Err(_) => "panic".to_owned(),
        Ok(Ok(_)) => "ok".to_owned(),
        Ok(Err(error)) => format!("{error:?}"),
    })
}

#[tokio::test]
async fn each_way_out_of_one_in_our_transaction() {
    for (way, expected) in [
        (Way::Ok, "ok"),
        (Way::Err, "RowNotFound"),
        (Way::Panic, "panic"),
        (Way::Swallow, "Aborted { first: \"error returned from database: column \\\"nonsense\\\""),
        (Way::Commit, "TransactionControl"),
        (Way::Broken, "test.broken"),
        (Way::SwallowBroken, "EmitFailed"),
        (Way::Leak, "Aborted { first: \"a savepoint was leaked"),
    ] {
        let db = postgres().await;
        let out = around_ours(&db.pool, way).await.unwrap();
        assert!(out.contains(expected), "{way:?}: {out}");
        let kept = if way == Way::Ok { (vec![1, 2, 3], vec![2, 3]) } else { (vec![1, 3], vec![3]) };
        assert_eq!(db.rows().await, kept, "{way:?}");
        db.drop().await;
    }
}

#[tokio::test]
async fn each_way_out_of_one_in_a_plain_transaction() {
    for (way, expected) in [
        (Way::Ok, "ok"),
        (Way::Err, "RowNotFound"),
        (Way::Panic, "panic"),
        (Way::Swallow, "Aborted"),
        (Way::Broken, "test.broken"),
        (Way::Leak, "Aborted { first: \"a savepoint was leaked"),
    ] {
        let db = postgres().await;
        let out = around_plain(&db.pool, way).await.unwrap();
        assert!(out.contains(expected), "{way:?}: {out}");
        let kept = if way == Way::Ok { (vec![1, 2, 3], vec![2]) } else { (vec![1, 3], vec![]) };
        assert_eq!(db.rows().await, kept, "{way:?}");
        db.drop().await;
    }
}

#[transactional_event]
async fn joins(tx: &mut Transaction<'_, Postgres>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query(STATE).bind(id).execute(&mut **tx).await?;
    emit!(Changed { id });
    Ok(())
}

/// Two errors are swallowed: a statement's, and the savepoint's that could not be opened behind it.
#[tokio::test]
async fn in_an_aborted_transaction_nothing_is_stored_beside_it() {
    let db = postgres().await;
    let mut tx = db.pool.begin().await.unwrap();
    joins(&mut tx, 1).await.unwrap();
    tx.execute("SELECT nonsense").await.unwrap_err();
    let refused = plain(&mut tx, 2, Way::Ok).await.unwrap_err();
    assert!(matches!(Error::find(&refused), Some(Error::Aborted { .. })), "{refused:?}");
    joins(&mut tx, 3).await.unwrap_err();
    drop(tx.commit().await);
    assert_eq!(db.rows().await, (vec![], vec![]));
    db.drop().await;
}

#[tokio::test]
async fn the_caller_can_still_roll_back_what_was_kept() {
    let db = postgres().await;
    let mut tx = db.pool.begin().await.unwrap();
    plain(&mut tx, 1, Way::Ok).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(db.rows().await, (vec![], vec![]));
    db.drop().await;
}

/// Polls `future` up to `polls` times, then drops it; whether it had finished.
async fn cancelled_after<F: Future>(polls: usize, future: F) -> bool {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        if poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

/// Dropped after each number of polls until it is through, inside of one transaction each; the caller goes on.
#[tokio::test]
async fn dropped_anywhere_it_is_all_or_nothing_and_the_caller_goes_on() {
    let db = postgres().await;
    let (mut dropped, mut finished) = (0, 0);
    for polls in (0..).take_while(|polls| *polls < 400) {
        let id = polls as i64 * 10;
        let mut tx = db.pool.begin().await.unwrap();
        sqlx::query(STATE).bind(id).execute(&mut *tx).await.unwrap();
        let done = cancelled_after(polls % 80, plain(&mut tx, id + 1, Way::Ok)).await;
        if done {
            finished += 1
        } else {
            dropped += 1
        }
        sqlx::query(STATE).bind(id + 2).execute(&mut *tx).await.unwrap();
        let again = plain(&mut tx, id + 3, Way::Ok).await.unwrap();
        tx.commit().await.unwrap();
        let rows: Vec<i64> =
            sqlx::query_scalar("SELECT id FROM state WHERE id BETWEEN $1 AND $1 + 9 AND id <> $1 + 1 ORDER BY id")
                .bind(id)
                .fetch_all(&db.pool)
                .await
                .unwrap();
        assert_eq!(rows, [id, id + 2, again], "after {polls} polls");
        let (state, event): (i64, i64) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM state WHERE id = $1), \
                    (SELECT count(*) FROM outbox_log WHERE convert_from(key, 'UTF8')::bigint = $1)",
        )
        .bind(id + 1)
        .fetch_one(&db.pool)
        .await
        .unwrap();
        assert_eq!(state, event, "after {polls} polls");
        assert!(!done || state == 1, "after {polls} polls");
    }
    assert!(dropped >= 50 && finished >= 5, "{dropped} dropped, {finished} finished");
    db.drop().await;
}

#[transactional_event(savepoint)]
async fn on_sqlite(tx: &mut Tx<'_, Sqlite>, id: i64, way: Way) -> Result<(), sqlx::Error> {
    change_sqlite(tx, id).await?;
    match way {
        Way::Err => Err(sqlx::Error::RowNotFound),
        Way::Panic => panic!("on purpose"),
        _ => Ok(()),
    }
}

#[transactional_event(savepoint)]
async fn change_sqlite(tx: &mut Transaction<'_, Sqlite>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query(support::STATE).bind(id).execute(&mut **tx).await?;
    emit!(Changed { id });
    Ok(())
}

#[transactional_event(tx = pool)]
async fn around_sqlite(pool: &SqlitePool, way: Way, polls: usize) -> Result<(), sqlx::Error> {
    sqlx::query(support::STATE).bind(1_i64).execute(&mut *tx).await?;
    cancelled_after(polls, AssertUnwindSafe(on_sqlite(tx, 2, way)).catch_unwind()).await;
    sqlx::query(support::STATE).bind(3_i64).execute(&mut *tx).await?;
    emit!(Changed { id: 3 });
    Ok(())
}

#[tokio::test]
async fn the_same_on_sqlite() {
    for way in [Way::Ok, Way::Err, Way::Panic] {
        let db = db().await;
        around_sqlite(&db.pool, way, usize::MAX).await.unwrap();
        let kept = if way == Way::Ok { ((3, 2), vec![2, 3]) } else { ((2, 1), vec![3]) };
        assert_eq!((db.counts().await, db.keys().await), kept, "{way:?}");
    }
    for polls in 0..60 {
        let db = db().await;
        around_sqlite(&db.pool, Way::Ok, polls).await.unwrap();
        let rows = db.counts().await;
        assert!(rows == (3, 2) || rows == (2, 1), "after {polls} polls: {rows:?}");
    }
}

/// Generic over the database, and a failure inside of a success.
#[transactional_event(savepoint)]
async fn outer<DB: outbox::Database>(
    tx: &mut Tx<'_, DB>,
    inner: impl AsyncFnOnce(&mut Tx<'_, DB>) -> Result<(), Error>,
) -> Result<(), Error> {
    emit!(Changed { id: 1 });
    let failed = inner(tx).await;
    assert!(failed.is_err());
    emit!(Changed { id: 3 });
    Ok(())
}

#[transactional_event(savepoint)]
async fn fails<DB: Database + outbox::Database>(tx: &mut Tx<'_, DB>) -> Result<(), Error> {
    emit!(Changed { id: 2 });
    Err(sqlx::Error::RowNotFound.into())
}

#[transactional_event(tx = pool)]
async fn one_in_the_other(pool: &PgPool) -> Result<(), Error> {
    outer(tx, async |tx| fails(tx).await).await
}

#[tokio::test]
async fn one_that_fails_inside_of_one_that_does_not() {
    let db = postgres().await;
    one_in_the_other(&db.pool).await.unwrap();
    assert_eq!(db.rows().await, (vec![], vec![1, 3]));
    db.drop().await;
}
