//! COMMIT that fails: refused for certain, or with an unknown outcome.

use outbox_runtime::Error;
use sqlx::Executor;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::proxy::{self, Cut};
use crate::support::{STATE, changed, emit, handler, postgres};

async fn through(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap()
}

#[tokio::test]
async fn connection_cut_around_commit_is_commit_unknown() {
    let db = postgres(1).await;
    let (proxy, options) = proxy::start((*db.pool.connect_options()).clone()).await;
    let pool = through(options).await;
    for (id, cut, stored) in [(1, Cut::BeforeServer, 0), (2, Cut::BeforeAnswer, 1), (3, Cut::BeforeServer, 1)] {
        proxy.cut(cut);
        let error = handler!(pool, tx => {
            sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
            emit!(tx, changed(id));
            Ok(())
        });
        let error = error.await.unwrap_err();
        assert!(matches!(Error::find(&error), Some(Error::CommitUnknown { .. })), "{error:?}");
        assert_eq!(db.counts().await, (stored, stored, 0));
    }
    // The pool goes on with a new connection.
    proxy.cut(Cut::Never);
    handler!(pool, tx => {
        sqlx::query(STATE).bind(4_i64).execute(&mut *tx).await?;
        emit!(tx, changed(4));
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(db.counts().await, (2, 2, 0));
    pool.close().await;
    db.drop().await;
}

#[tokio::test]
async fn session_killed_before_commit_is_commit_unknown() {
    let db = postgres(1).await;
    let error = handler!(db.pool, tx => {
        sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
        emit!(tx, changed(1));
        let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *tx).await?;
        let killed: bool = sqlx::query_scalar("SELECT pg_terminate_backend($1, 5000)").bind(pid).fetch_one(&db.witness).await?;
        assert!(killed);
        Ok(())
    });
    let error = error.await.unwrap_err();
    assert!(matches!(Error::find(&error), Some(Error::CommitUnknown { .. })), "{error:?}");
    assert_eq!(db.counts().await, (0, 0, 0));
    db.drop().await;
}

#[tokio::test]
async fn deferred_constraint_at_commit_is_definite() {
    let db = postgres(1).await;
    db.witness
        .execute("CREATE TABLE child (id bigint REFERENCES state (id) DEFERRABLE INITIALLY DEFERRED)")
        .await
        .unwrap();
    let error = handler!(db.pool, tx => {
        tx.execute("INSERT INTO child (id) VALUES (77)").await?;
        emit!(tx, changed(77));
        Ok(())
    });
    let error = error.await.unwrap_err();
    assert!(Error::find(&error).is_none());
    assert!(error.as_database_error().unwrap().is_foreign_key_violation());
    assert_eq!(db.counts().await, (0, 0, 0));
    assert_eq!(db.open_transactions().await, 0);
    db.drop().await;
}

#[tokio::test]
async fn serialization_failure_at_commit_is_definite() {
    let db = postgres(2).await;
    sqlx::query("INSERT INTO state (id) VALUES (1), (2)").execute(&db.witness).await.unwrap();
    let first = handler!(db.pool, tx => {
        tx.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").await?;
        tx.execute("SELECT count(*) FROM state").await?;
        emit!(tx, changed(11));
        sqlx::query(STATE).bind(11_i64).execute(&mut *tx).await?;
        // Write skew: the other one reads and writes the same, and commits first.
        handler!(db.pool, other => {
            other.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").await?;
            other.execute("SELECT count(*) FROM state").await?;
            sqlx::query(STATE).bind(12_i64).execute(&mut *other).await.map(drop)
        })
        .await?;
        Ok(())
    });
    let error = first.await.unwrap_err();
    assert!(Error::find(&error).is_none());
    assert_eq!(error.as_database_error().unwrap().code().as_deref(), Some("40001"));
    assert_eq!(db.counts().await, (3, 0, 3));
    db.drop().await;
}

#[tokio::test]
async fn t14_one_statement_per_emit() {
    let db = postgres(1).await;
    let (proxy, options) = proxy::start((*db.pool.connect_options()).clone()).await;
    let pool = through(options).await;
    for id in 0..3 {
        handler!(pool, tx => {
            sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
            proxy.counted();
            emit!(tx, changed(id));
            let (statements, round_trips) = proxy.counted();
            assert_eq!(statements, 1);
            // The first one is prepared, which is one more.
            assert_eq!(round_trips, if id == 0 { 2 } else { 1 });
            Ok(())
        })
        .await
        .unwrap();
        // Nothing was noted: COMMIT and no check.
        assert_eq!(proxy.counted(), (1, 1));
    }
    // Any number of events is one statement, of one more text.
    let records: Vec<_> = (0..100).map(|id| outbox_runtime::Record::new(&changed(id)).unwrap()).collect();
    let mut conn = pool.acquire().await.unwrap();
    proxy.counted();
    for (count, round_trips) in [(100, 2), (2, 1), (50, 1)] {
        let some = &records[..count];
        <sqlx::Postgres as outbox_runtime::transaction::Database>::insert(&mut conn, some).await.unwrap();
        assert_eq!(proxy.counted(), (1, round_trips));
    }
    drop(conn);
    pool.close().await;
    db.drop().await;
}
