//! A handler whose events go into several logs: one transaction, and each log by its schema.

use outbox::{Ident, PostgresTx, emit, in_schema, transactional_event};
use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};

use crate::postgres::{STATE, postgres};
use crate::support::Changed;

#[transactional_event(tx = pool)]
async fn opens(pool: &PgPool, id: i64, billing: &Ident, fails: bool) -> Result<(), sqlx::Error> {
    sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
    emit!(Changed { id });
    let mut log = in_schema(&mut *tx, billing);
    emit!(log => [Changed { id: id + 100 }, Changed { id: id + 101 }]);
    let mut savepoint = tx.begin().await?;
    emit_into(&mut savepoint, billing, id + 102).await?;
    savepoint.rollback().await?;
    joins(tx, id + 103, billing).await?;
    if fails { Err(sqlx::Error::RowNotFound) } else { Ok(()) }
}

#[transactional_event]
async fn joins(tx: &mut Transaction<'_, Postgres>, id: i64, billing: &Ident) -> Result<(), sqlx::Error> {
    let mut log = in_schema(tx, billing);
    emit!(log => Changed { id });
    emit!(Changed { id: id - 100 });
    Ok(())
}

async fn emit_into(tx: &mut impl PostgresTx, billing: &Ident, id: i64) -> Result<(), sqlx::Error> {
    let mut log = in_schema(tx, billing);
    emit!(log => Changed { id });
    Ok(())
}

#[tokio::test]
async fn events_go_into_the_log_that_is_named() {
    let (db, other) = (postgres().await, postgres().await);
    let billing: Ident = other.schema().parse().expect("a valid name");
    opens(&db.pool, 1, &billing, false).await.expect("committed");
    opens(&db.pool, 2, &billing, true).await.expect_err("rolled back");
    assert_eq!(db.rows().await, (vec![1], vec![1, 4]));
    assert_eq!(other.rows().await, (vec![], vec![101, 102, 104]));

    let absent: Ident = "not_there".parse().expect("a valid name");
    let error = opens(&db.pool, 3, &absent, false).await.expect_err("no such log");
    let ours = outbox::Error::find(&error).expect("an error of ours");
    assert!(matches!(ours, outbox::Error::NotMigrated { .. }), "{ours:?}");
    assert_eq!(db.rows().await.0, [1], "its state is gone as well");
    db.drop().await;
    other.drop().await;
}

/// The search path of a transaction is its log: what a service with a schema for each tenant sets anyway.
#[tokio::test]
async fn events_follow_the_search_path_of_the_transaction() {
    #[transactional_event(tx = pool)]
    async fn of_tenant(pool: &PgPool, tenant: String, id: i64) -> Result<(), sqlx::Error> {
        sqlx::query(AssertSqlSafe(format!("SET LOCAL search_path = {tenant}"))).execute(&mut *tx).await?;
        emit!(Changed { id });
        Ok(())
    }
    let (db, other) = (postgres().await, postgres().await);
    of_tenant(&db.pool, other.schema().to_owned(), 7).await.expect("committed");
    assert_eq!((db.rows().await.1, other.rows().await.1), (vec![], vec![7]));
    db.drop().await;
    other.drop().await;
}
