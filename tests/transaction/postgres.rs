//! Handlers on PostgreSQL: cancellation, panics, swallowed errors, every form of query.

use futures_util::TryStreamExt;
use outbox_runtime::Error;
use outbox_runtime::transaction::{Begin, finish};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{Acquire, Executor, PgConnection, Postgres, QueryBuilder, Row, Transaction};

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
    for polls in (0..60).cycle().take(300) {
        cancelled += usize::from(!cancelled_after(polls, Begin::begin(&db.pool)).await);
    }
    assert!(cancelled > 50, "only {cancelled} of 300 begins were cancelled");
    // … and while BEGIN is on its way.
    let (proxy, options) = proxy::start((*db.pool.connect_options()).clone()).await;
    let pool = PgPoolOptions::new().max_connections(3).connect_with(options).await.unwrap();
    for _ in 0..300 {
        proxy.cancelled_in_begin(Begin::begin(&pool)).await;
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
async fn t3_commit_dropped_after_one_poll_is_still_whole() {
    let db = postgres(2).await;
    for id in 0..100_i64 {
        let mut tx = Begin::begin(&db.pool).await.unwrap();
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
async fn t7_dropped_mid_statement_or_by_panic_leaks_nothing() {
    let db = postgres(2).await;
    for id in 0..100_i64 {
        let mut tx = Begin::begin(&db.pool).await.unwrap();
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

#[tokio::test]
async fn every_form_of_query_runs() {
    let db = postgres(1).await;
    let body = handler!(db.pool, tx => {
        let row = sqlx::query("INSERT INTO state (id) VALUES ($1) RETURNING id").bind(1_i64).fetch_one(&mut *tx).await?;
        assert_eq!(row.get::<i64, _>(0), 1);
        let (id,): (i64,) = sqlx::query_as("SELECT id FROM state").fetch_one(&mut *tx).await?;
        assert_eq!(id, 1);
        let none: Option<i64> = sqlx::query_scalar("SELECT id FROM state WHERE id = 9").fetch_optional(&mut *tx).await?;
        assert_eq!(none, None);
        QueryBuilder::<Postgres>::new("INSERT INTO state (id) ")
            .push_values(2..5_i64, |mut row, id| {
                row.push_bind(id);
            })
            .build()
            .execute(&mut *tx)
            .await?;
        let mut sum = 0;
        let mut ids = sqlx::query_scalar::<_, i64>("SELECT id FROM state").fetch(&mut *tx);
        while let Some(id) = ids.try_next().await? {
            sum += id;
        }
        drop(ids);
        assert_eq!(sum, 10);
        let prepared = (&mut *tx).prepare(sqlx::SqlStr::from_static("SELECT id FROM state WHERE id = $1")).await?;
        use sqlx::Statement;
        assert_eq!(prepared.query().bind(4_i64).fetch_all(&mut *tx).await?.len(), 1);
        let described = (&mut *tx).describe(sqlx::SqlStr::from_static("SELECT id FROM state")).await?;
        assert_eq!(described.columns.len(), 1);
        takes_connection(tx).await?;
        takes_transaction(tx).await?;
        takes_acquire(&mut *tx).await?;
        assert_eq!(sqlx::query("DELETE FROM state").execute(&mut *tx).await?.rows_affected(), 4);
        sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
        emit!(tx, changed(1));
        Ok(format!("{tx:?}"))
    });
    fn assert_send<T: Send>(value: T) -> T {
        value
    }
    assert!(assert_send(body).await.unwrap().starts_with("Tx"));
    assert_eq!(db.counts().await, (1, 1, 0));
    db.drop().await;
}

async fn takes_connection(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    conn.execute("SELECT 1").await.map(drop)
}

async fn takes_transaction(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    tx.execute("SELECT 1").await.map(drop)
}

/// As sqlx's documentation writes it, for a future that is `Send`.
fn takes_acquire<'a, 'c, A>(source: A) -> impl Future<Output = Result<(), sqlx::Error>> + Send + 'a
where
    A: Acquire<'c, Database = Postgres> + Send + 'a,
{
    async move { source.acquire().await?.execute("SELECT 1").await.map(drop) }
}

/// A blanket `Executor` impl for `&mut Tx<DB>` would break this with E0275.
async fn generic_helper<DB>(conn: &mut DB::Connection) -> Result<(), sqlx::Error>
where
    DB: sqlx::Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    conn.execute("SELECT 1").await.map(drop)
}

#[tokio::test]
async fn t31_a_generic_helper_still_compiles() {
    let db = postgres(1).await;
    handler!(db.pool, tx => { generic_helper::<Postgres>(tx).await }).await.unwrap();
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

#[tokio::test]
async fn joined_transaction_takes_events() {
    let db = postgres(1).await;
    async fn joins(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
        sqlx::query(STATE).bind(1_i64).execute(&mut **tx).await?;
        emit!(tx, changed(1));
        Ok(())
    }
    let mut tx = db.pool.begin().await.unwrap();
    joins(&mut tx).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(db.counts().await, (0, 0, 0));

    let mut conn = db.pool.acquire().await.unwrap();
    let mut tx = conn.begin().await.unwrap();
    joins(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    drop(conn);
    assert_eq!(db.counts().await, (1, 1, 0));

    // A swallowed error makes the insert fail by itself.
    let mut tx = db.pool.begin().await.unwrap();
    let _ = tx.execute("SELECT nonsense").await;
    let result: Result<(), Error> = async {
        emit!(tx, changed(2));
        Ok(())
    }
    .await;
    assert!(matches!(result, Err(Error::Database(_))), "{result:?}");
    drop(tx);
    db.drop().await;
}

#[tokio::test]
async fn commit_with_events_wakes_the_relays_of_this_process() {
    let db = postgres(1).await;
    let mut commits = outbox_runtime::wake::subscribe();
    commits.mark_unchanged();
    handler!(db.pool, tx => {
        emit!(tx, changed(1));
        Ok(())
    })
    .await
    .unwrap();
    assert!(commits.has_changed().unwrap());
    db.drop().await;
}
