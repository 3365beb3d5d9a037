//! Handlers on SQLite: writers that wait for each other, and rollbacks that SQLite does by itself.

use outbox_runtime::Error;
use outbox_runtime::transaction::{Begin, finish};
use sqlx::{Executor, Row};

use crate::support::{STATE, cancelled_after, changed, emit, handler, sqlite, sqlite_counts};

#[tokio::test]
async fn t20_sqlite_begins_immediate() {
    let directory = tempfile::tempdir().unwrap();
    let pool = sqlite(directory.path()).await;
    // The trap: a deferred transaction that has read cannot write any more once another one has written.
    let mut deferred = pool.begin().await.unwrap();
    deferred.fetch_all("SELECT id FROM state").await.unwrap();
    sqlx::query(STATE).bind(1_i64).execute(&pool).await.unwrap();
    let error = sqlx::query(STATE).bind(2_i64).execute(&mut *deferred).await.unwrap_err();
    assert!(error.as_database_error().unwrap().message().contains("locked"), "{error:?}");
    drop(deferred);
    pool.execute("DELETE FROM state").await.unwrap();

    let writers = (0..4_i64).map(|writer| {
        let pool = pool.clone();
        tokio::spawn(async move {
            for n in 0..25 {
                let id = writer * 100 + n;
                handler!(pool, tx => {
                    tx.fetch_all("SELECT id FROM state").await?;
                    tokio::task::yield_now().await;
                    sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
                    emit!(tx, changed(id));
                    Ok(())
                })
                .await?;
            }
            Ok::<_, sqlx::Error>(())
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap().unwrap();
    }
    assert_eq!(sqlite_counts(&pool).await, (100, 100));
}

#[tokio::test]
async fn t1_t3_cancelled_anywhere_is_both_or_neither() {
    let directory = tempfile::tempdir().unwrap();
    let pool = sqlite(directory.path()).await;
    for id in 0..300_i64 {
        let body = handler!(pool, tx => {
            sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
            emit!(tx, changed(id));
            Ok(())
        });
        cancelled_after(id as usize % 100, body).await;
    }
    // Waits for commits that are still under way.
    let mut tx = Begin::begin(&pool, Default::default()).await.unwrap();
    let torn: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM state WHERE id NOT IN (SELECT CAST(CAST(key AS TEXT) AS INTEGER) FROM outbox_log)) \
         + (SELECT count(*) FROM outbox_log WHERE CAST(CAST(key AS TEXT) AS INTEGER) NOT IN (SELECT id FROM state))",
    )
    .fetch_one(&mut tx)
    .await
    .unwrap();
    finish(tx, Ok::<_, Error>(()), |error| error).await.unwrap();
    assert_eq!(torn, 0);
}

/// `OR ROLLBACK` ends the transaction inside SQLite; sqlx does not know, and everything after it would be autocommit.
#[tokio::test]
async fn silent_rollback_is_an_error_and_stores_nothing_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let pool = sqlite(directory.path()).await;
    for emits in [false, true] {
        let error = handler!(pool, tx => {
            // Harmless, and not to be blamed.
            let _ = tx.execute("INSERT INTO state (id) VALUES ('no number')").await;
            sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
            let _ = tx.execute("INSERT OR ROLLBACK INTO state (id) VALUES (1)").await;
            if emits {
                emit!(tx, changed(1));
            } else {
                let _ = sqlx::query(STATE).bind(2_i64).execute(&mut *tx).await;
            }
            Ok(())
        });
        let error = error.await.unwrap_err();
        let Some(Error::Aborted { first }) = Error::find(&error) else { panic!("{error:?}") };
        assert!(first.contains("UNIQUE"), "{first}");
        assert_eq!(sqlite_counts(&pool).await, (0, 0));
    }
    // Also when the body returns the error; and the connection is sound afterwards.
    for _ in 0..5 {
        let error = handler!(pool, tx => {
            sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
            tx.execute("INSERT OR ROLLBACK INTO state (id) VALUES (1)").await?;
            Ok(())
        });
        assert!(error.await.unwrap_err().as_database_error().is_some());
    }
    // A joined handler on the caller's transaction.
    let mut tx = pool.begin().await.unwrap();
    sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await.unwrap();
    let _ = tx.execute("INSERT OR ROLLBACK INTO state (id) VALUES (1)").await;
    let emitted: Result<(), Error> = async {
        emit!(tx, changed(1));
        Ok(())
    }
    .await;
    assert!(matches!(emitted, Err(Error::Aborted { .. })), "{emitted:?}");
    tx.rollback().await.unwrap();
    assert_eq!(sqlite_counts(&pool).await, (0, 0));
}

/// sqlx's own rollback fails there; the connection must not stay in the pool as one on which nothing can begin.
#[tokio::test]
async fn t7_dropped_after_a_silent_rollback_leaves_a_sound_pool() {
    let directory = tempfile::tempdir().unwrap();
    let pool = sqlite(directory.path()).await;
    let only = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let pool = only.connect_with((*pool.connect_options()).clone()).await.unwrap();
    for id in 1..4_i64 {
        let mut tx = Begin::begin(&pool, Default::default()).await.unwrap();
        sqlx::query(STATE).bind(100_i64).execute(&mut tx).await.unwrap();
        tx.execute("INSERT OR ROLLBACK INTO state (id) VALUES (100)").await.unwrap_err();
        drop(tx);
        handler!(pool, tx => {
            sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
            emit!(tx, changed(id));
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(sqlite_counts(&pool).await, (id, id));
    }
}

/// An error that SQLite confines to its statement is the body's to handle.
#[tokio::test]
async fn handled_statement_error_commits() {
    let directory = tempfile::tempdir().unwrap();
    let pool = sqlite(directory.path()).await;
    handler!(pool, tx => {
        sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
        assert!(sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await.is_err());
        emit!(tx, changed(1));
        let mut sp = tx.begin().await?;
        sqlx::query(STATE).bind(2_i64).execute(&mut *sp).await?;
        emit!(sp, changed(2));
        sp.rollback().await?;
        let row = tx.fetch_one("SELECT count(*) FROM outbox_log").await?;
        assert_eq!(row.get::<i64, _>(0), 1);
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(sqlite_counts(&pool).await, (1, 1));
}

#[tokio::test]
async fn raw_transaction_control_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let pool = sqlite(directory.path()).await;
    for text in ["COMMIT", "END TRANSACTION", "ROLLBACK", "BEGIN EXCLUSIVE", "SELECT 1; COMMIT", "/* /* */ COMMIT"] {
        let error = handler!(pool, tx => {
            sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
            assert!(tx.execute(text).await.is_err());
            Ok(())
        });
        let error = error.await.unwrap_err();
        assert!(matches!(Error::find(&error), Some(Error::TransactionControl { .. })), "{error:?}");
        assert_eq!(sqlite_counts(&pool).await, (0, 0), "{text}");
    }
}

#[tokio::test]
async fn deferred_constraint_at_commit_is_definite() {
    let directory = tempfile::tempdir().unwrap();
    let pool = sqlite(directory.path()).await;
    pool.execute("CREATE TABLE child (id INTEGER REFERENCES state (id) DEFERRABLE INITIALLY DEFERRED)").await.unwrap();
    let error = handler!(pool, tx => {
        tx.execute("INSERT INTO child (id) VALUES (77)").await?;
        emit!(tx, changed(77));
        Ok(())
    });
    assert!(error.await.unwrap_err().as_database_error().unwrap().is_foreign_key_violation());
    assert_eq!(sqlite_counts(&pool).await, (0, 0));
    handler!(pool, tx => {
        emit!(tx, changed(1));
        Ok(())
    })
    .await
    .unwrap();
}
