//! An opens-handler in the body of another one: an error, unless it says `independent`.

use outbox::{Error, emit, transactional_event};
use sqlx::{PgPool, SqlitePool};

use crate::postgres::{STATE, postgres};
use crate::support::{self, Changed, db};

#[transactional_event(tx = pool)]
async fn change(pool: &PgPool, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
    emit!(Changed { id });
    Ok(())
}

#[transactional_event(tx = pool, independent)]
async fn audit(pool: &PgPool, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
    emit!(Changed { id });
    Ok(())
}

#[transactional_event(tx = pool)]
async fn calls(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
    emit!(Changed { id: 1 });
    helper(pool).await
}

async fn helper(pool: &PgPool) -> Result<(), sqlx::Error> {
    change(pool, 2).await
}

#[tokio::test]
async fn in_a_body_it_fails_and_runs_nothing() {
    let db = postgres().await;
    let error = calls(&db.pool).await.unwrap_err();
    let Some(Error::NestedTransaction { handler, outer }) = Error::find(&error) else { panic!("{error:?}") };
    assert_eq!((*handler, *outer), ("macros::nested::change", "macros::nested::calls"));
    let text = error.to_string();
    assert!(text.contains("`macros::nested::change` opens a transaction inside of `macros::nested::calls`"), "{text}");
    assert!(text.contains("independent"), "{text}");
    assert_eq!(db.rows().await, (vec![], vec![]));
    // The next one is in no body.
    change(&db.pool, 3).await.unwrap();
    assert_eq!(db.rows().await, (vec![3], vec![3]));
    db.drop().await;
}

#[transactional_event(tx = pool)]
async fn refuses(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
    audit(pool, 2).await?;
    Err(sqlx::Error::RowNotFound)
}

#[tokio::test]
async fn independent_commits_on_its_own() {
    let db = postgres().await;
    refuses(&db.pool).await.unwrap_err();
    assert_eq!(db.rows().await, (vec![2], vec![2]));
    db.drop().await;
}

#[transactional_event(tx = pool)]
async fn spawns(pool: &PgPool) -> Result<(), sqlx::Error> {
    let theirs = pool.clone();
    let task = tokio::spawn(async move { change(&theirs, 1).await });
    emit!(Changed { id: 2 });
    task.await.expect("no panic")
}

#[tokio::test]
async fn a_task_of_its_own_is_in_no_body() {
    let db = postgres().await;
    spawns(&db.pool).await.unwrap();
    assert_eq!(db.rows().await, (vec![1], vec![1, 2]));
    db.drop().await;
}

#[tokio::test]
async fn beside_each_other_they_are_in_no_body() {
    let db = postgres().await;
    let (first, second) = tokio::join!(change(&db.pool, 1), change(&db.pool, 2));
    first.and(second).unwrap();
    assert_eq!(db.rows().await, (vec![1, 2], vec![1, 2]));
    db.drop().await;
}

#[transactional_event(tx = pool)]
async fn inner(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    emit!(Changed { id: 2 });
    Ok(())
}

#[transactional_event(tx = pool)]
async fn swallows(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    sqlx::query(support::STATE).bind(1_i64).execute(&mut *tx).await?;
    let nested = inner(pool).await;
    assert!(matches!(Error::find(&nested.unwrap_err()), Some(Error::NestedTransaction { .. })));
    emit!(Changed { id: 1 });
    Ok(())
}

/// Where one writer has the database, it would wait for itself.
#[tokio::test]
async fn on_sqlite_it_fails_at_once_and_harms_nothing() {
    let db = db().await;
    swallows(&db.pool).await.unwrap();
    assert_eq!((db.counts().await, db.keys().await), ((1, 1), vec![1]));
}
