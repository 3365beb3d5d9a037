//! Events in a plain sqlx transaction of the caller's, and what a commit does for the relays.

use std::process::Command;

use outbox_runtime::Error;
use outbox_runtime::transaction::savepoint;
use sqlx::{Connection, Executor, Postgres, Transaction};

use crate::support::{STATE, changed, emit, handler, postgres};

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

/// Alone in a process of its own: commits of other tests would wake it too.
#[tokio::test]
async fn commit_with_events_wakes_the_relays_of_this_process() {
    const ALONE: &str = "OUTBOX_TEST_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let test = "joined::commit_with_events_wakes_the_relays_of_this_process";
        let mut alone = Command::new(std::env::current_exe().unwrap());
        let output = alone.args(["--exact", test]).env(ALONE, "1").output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    let db = postgres(1).await;
    let mut commits = outbox_runtime::wake::subscribe();
    commits.mark_unchanged();
    handler!(db.pool, tx => { tx.execute("SELECT 1").await.map(drop) }).await.unwrap();
    assert!(!commits.has_changed().unwrap());
    handler!(db.pool, tx => {
        emit!(tx, changed(1));
        Ok(())
    })
    .await
    .unwrap();
    assert!(commits.has_changed().unwrap());

    // An event inside a savepoint counts if that was kept.
    for keep in [false, true] {
        commits.mark_unchanged();
        handler!(db.pool, tx => {
            let mut savepoint = savepoint(tx).await?;
            let inside = savepoint.tx();
            let out: Result<(), sqlx::Error> = async {
                emit!(inside, changed(2));
                if keep { Ok(()) } else { Err(sqlx::Error::RowNotFound) }
            }
            .await;
            let kept = savepoint.close(out, sqlx::Error::from).await;
            assert_eq!(kept.is_ok(), keep);
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(commits.has_changed().unwrap(), keep);
    }
    db.drop().await;
}
