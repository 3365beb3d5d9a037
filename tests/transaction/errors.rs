//! One clear error for each thing that can be wrong, found through every kind of error type, and nothing stored.

use std::error::Error as _;
use std::time::Duration;

use outbox_runtime::transaction::{AsTx, Begin};
use outbox_runtime::{Error, Record};
use sqlx::Executor;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use crate::support::{Changed, STATE, cancelled_after, changed, emit, handler, postgres, server, sqlite};

#[derive(Debug, thiserror::Error)]
enum BankError {
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

#[tokio::test]
async fn found_through_thiserror_and_anyhow() {
    let db = postgres(1).await;
    let swallow = || {
        handler!(db.pool, tx => {
            let _ = tx.execute("SELECT nonsense").await;
            Ok(())
        })
    };
    let error = BankError::from(swallow().await.unwrap_err());
    assert!(matches!(Error::find(&error), Some(Error::Aborted { .. })), "{error:?}");
    let error = anyhow::Error::from(BankError::from(swallow().await.unwrap_err())).context("while paying");
    assert!(matches!(Error::find(error.as_ref()), Some(Error::Aborted { .. })), "{error:?}");
    let error: Box<dyn std::error::Error + Send + Sync> = swallow().await.unwrap_err().into();
    assert!(matches!(Error::find(&*error), Some(Error::Aborted { .. })), "{error:?}");
    db.drop().await;
}

#[tokio::test]
async fn missing_table_is_not_migrated() {
    let db = postgres(1).await;
    db.witness.execute("DROP TABLE outbox_log").await.unwrap();
    let body = handler!(db.pool, tx => {
        sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
        emit!(tx, changed(1));
        Ok(())
    });
    let error = body.await.unwrap_err();
    let Some(Error::NotMigrated { .. }) = Error::find(&error) else { panic!("{error:?}") };
    assert!(error.to_string().contains("outbox::migrate"), "{error}");
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM state").fetch_one(&db.witness).await.unwrap();
    assert_eq!(left, 0);
    db.drop().await;

    let directory = tempfile::tempdir().unwrap();
    let pool = sqlite(directory.path()).await;
    pool.execute("DROP TABLE outbox_log").await.unwrap();
    let body = handler!(pool, tx => {
        emit!(tx, changed(1));
        Ok(())
    });
    let error = body.await.unwrap_err();
    assert!(matches!(Error::find(&error), Some(Error::NotMigrated { .. })), "{error:?}");
}

#[tokio::test]
async fn payload_over_the_limit_stores_nothing() {
    let db = postgres(1).await;
    let large = || Changed { id: 1, payload: vec![0; 1_000_001] };
    let body = handler!(db.pool, tx => {
        sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
        emit!(tx, large());
        Ok(())
    });
    let error = body.await.unwrap_err();
    assert!(matches!(Error::find(&error), Some(Error::PayloadTooLarge { payload_bytes: 1_000_001, .. })), "{error:?}");

    // Also when the body drops the error, which leaves the database's transaction sound.
    let body = handler!(db.pool, tx => {
        sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
        let _ = tx.__outbox_insert(Record::new(&large())).await;
        emit!(tx, changed(1));
        Ok(())
    });
    let error = body.await.unwrap_err();
    let Some(Error::EmitFailed { first }) = Error::find(&error) else { panic!("{error:?}") };
    assert!(first.contains("1000001 B"), "{first}");
    assert_eq!(db.counts().await, (0, 0, 0));
    db.drop().await;
}

#[tokio::test]
async fn cancelled_insert_is_an_error() {
    let db = postgres(1).await;
    let body = handler!(db.pool, tx => {
        sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
        // One poll sends it; two answers are to come.
        let finished = cancelled_after(1, tx.__outbox_insert(Record::new(&changed(1)))).await;
        assert!(!finished);
        Ok(())
    });
    let error = body.await.unwrap_err();
    assert!(matches!(Error::find(&error), Some(Error::EmitFailed { .. })), "{error:?}");
    assert_eq!(db.counts().await, (0, 0, 0));
    db.drop().await;
}

async fn begin_error(options: PgConnectOptions) -> Error {
    let pool = PgPoolOptions::new().acquire_timeout(Duration::from_millis(500)).connect_lazy_with(options);
    Begin::begin(&pool, Default::default()).await.unwrap_err()
}

#[tokio::test]
async fn unreachable_database_is_one_clear_error() {
    // A port that was just free: nobody listens.
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let options =
        PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port).username("bank").password("s3cret");
    let error = begin_error(options.database("bank")).await;
    assert!(matches!(error, Error::NoTransaction { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(&format!("127.0.0.1:{port}")) && text.contains("check that the server runs"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
    assert!(error.source().is_some());
}

#[tokio::test]
async fn wrong_credentials_and_database_are_one_clear_error_each() {
    let error = begin_error(server().username("outbox_nobody")).await;
    let text = error.to_string();
    assert!(text.contains("outbox_nobody") && text.contains("check user and password"), "{text}");
    let error = begin_error(server().database("outbox_nowhere")).await;
    let text = error.to_string();
    assert!(text.contains("outbox_nowhere") && text.contains("does not exist"), "{text}");
}

#[tokio::test]
async fn exhausted_and_closed_pools_are_told_apart() {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_millis(500))
        .connect_with(server())
        .await
        .unwrap();
    let held = Begin::begin(&pool, Default::default()).await.unwrap();
    let text = Begin::begin(&&std::sync::Arc::new(pool.clone()), Default::default()).await.unwrap_err().to_string();
    assert!(text.contains("all in use"), "{text}");
    drop(held);
    pool.close().await;
    let text = Begin::begin(&Box::new(pool), Default::default()).await.unwrap_err().to_string();
    assert!(text.contains("closed"), "{text}");
}

#[tokio::test]
async fn sqlite_file_that_is_not_there_is_one_clear_error() {
    let options = SqliteConnectOptions::new().filename("/nonexistent/bank.db");
    let pool = SqlitePoolOptions::new().acquire_timeout(Duration::from_millis(500)).connect_lazy_with(options);
    let text = Begin::begin(&pool, Default::default()).await.unwrap_err().to_string();
    assert!(text.contains("/nonexistent/bank.db") && text.contains("create_if_missing"), "{text}");
}
