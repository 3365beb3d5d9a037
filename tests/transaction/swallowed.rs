//! Bodies on PostgreSQL that return `Ok` although the transaction is not what they think.

use futures_util::TryStreamExt;
use outbox_runtime::Error;
use sqlx::{Executor, PgConnection};

use crate::support::{STATE, changed, emit, handler, postgres};

#[tokio::test]
async fn t4_swallowed_error_is_an_error() {
    let db = postgres(1).await;
    // The trap: sqlx says Ok, and nothing is there.
    let mut plain = db.pool.begin().await.unwrap();
    sqlx::query(STATE).bind(1_i64).execute(&mut *plain).await.unwrap();
    sqlx::query(STATE).bind(1_i64).execute(&mut *plain).await.unwrap_err();
    plain.commit().await.unwrap();
    assert_eq!(db.counts().await, (0, 0, 0));

    let error = handler!(db.pool, tx => {
        sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
        let _ = sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await;
        Ok(())
    });
    let error = error.await.unwrap_err();
    let Some(Error::Aborted { first }) = Error::find(&error) else { panic!("{error:?}") };
    assert!(first.contains("duplicate key"), "{first}");

    // `emit!` after it names the same cause, not "current transaction is aborted".
    let error = handler!(db.pool, tx => {
        let _ = tx.execute("SELECT nonsense").await;
        emit!(tx, changed(1));
        Ok(())
    });
    let error = error.await.unwrap_err();
    assert!(matches!(Error::find(&error), Some(Error::Aborted { first }) if first.contains("nonsense")), "{error:?}");

    // Seen by nobody: the error came through a raw connection, or after its stream was dropped.
    let error = handler!(db.pool, tx => {
        let conn: &mut PgConnection = tx.as_mut();
        let _ = conn.execute("SELECT nonsense").await;
        Ok(())
    });
    let error = error.await.unwrap_err();
    assert!(matches!(Error::find(&error), Some(Error::Aborted { .. })), "{error:?}");
    let error = handler!(db.pool, tx => {
        let mut rows = tx.fetch("SELECT 1 / (3 - n) FROM generate_series(1, 3) n");
        assert!(rows.try_next().await?.is_some());
        drop(rows);
        Ok(())
    });
    let error = error.await.unwrap_err();
    let Some(Error::Aborted { first }) = Error::find(&error) else { panic!("{error:?}") };
    assert!(first.contains("division by zero"), "{first}");

    assert_eq!(db.counts().await, (0, 0, 0));
    assert_eq!(db.open_transactions().await, 0);
    db.drop().await;
}

#[tokio::test]
async fn savepoints_take_their_events_with_them() {
    let db = postgres(1).await;
    let body = handler!(db.pool, tx => {
        sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
        emit!(tx, changed(1));
        // Rolled back: state, event and error.
        let mut sp = tx.begin().await?;
        sqlx::query(STATE).bind(2_i64).execute(&mut *sp).await?;
        emit!(sp, changed(2));
        let _ = sqlx::query(STATE).bind(1_i64).execute(&mut *sp).await;
        sp.rollback().await?;
        // Raw, with an error that is noted and then rolled back.
        tx.execute("SAVEPOINT mine").await?;
        emit!(tx, changed(3));
        let _ = sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await;
        tx.execute("ROLLBACK TO mine").await?;
        // Committed.
        let mut sp = tx.begin().await?;
        sqlx::query(STATE).bind(4_i64).execute(&mut *sp).await?;
        emit!(sp, changed(4));
        sp.commit().await?;
        Ok(())
    });
    body.await.unwrap();
    assert_eq!(db.counts().await, (2, 2, 0));
    db.drop().await;
}

#[tokio::test]
async fn leaked_savepoint_is_an_error() {
    let db = postgres(1).await;
    let error = handler!(db.pool, tx => {
        sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
        std::mem::forget(tx.begin().await?);
        Ok(())
    });
    assert!(matches!(Error::find(&error.await.unwrap_err()), Some(Error::Aborted { .. })));
    assert_eq!(db.counts().await, (0, 0, 0));
    db.settled().await;
    assert_eq!(db.open_transactions().await, 0);
    db.drop().await;
}

#[tokio::test]
async fn raw_transaction_control_is_refused() {
    let db = postgres(1).await;
    for (text, expected) in [
        ("COMMIT", "COMMIT"),
        ("/* a /* b */ c */ end", "END"),
        ("ROLLBACK", "ROLLBACK"),
        ("BEGIN", "BEGIN"),
        ("START TRANSACTION", "START"),
        ("ABORT", "ABORT"),
        ("PREPARE TRANSACTION 'x'", "PREPARE"),
        ("SELECT 1; COMMIT", "COMMIT"),
    ] {
        let error = handler!(db.pool, tx => {
            sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
            emit!(tx, changed(1));
            let error = tx.execute(text).await.unwrap_err();
            assert!(matches!(Error::find(&error), Some(Error::TransactionControl { .. })));
            Ok(())
        });
        let error = error.await.unwrap_err();
        let Some(Error::TransactionControl { keyword }) = Error::find(&error) else { panic!("{error:?}") };
        assert_eq!(keyword, expected);
        assert_eq!(db.counts().await, (0, 0, 0), "{text}");
    }
    // Through a raw connection it cannot be seen, but it is noticed.
    let error = handler!(db.pool, tx => {
        let conn: &mut PgConnection = tx;
        conn.execute("ROLLBACK").await?;
        Ok(())
    });
    assert!(matches!(Error::find(&error.await.unwrap_err()), Some(Error::Aborted { .. })));
    db.drop().await;
}
