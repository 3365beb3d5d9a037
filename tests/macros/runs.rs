//! Batching on PostgreSQL: a run is one statement there, whatever the number of its events.

use outbox::{emit, transactional_event};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::support::Changed;

/// A schema with the outbox, a table of state, and a count of the INSERTs into the log.
async fn schema() -> (PgPool, String) {
    let url = std::env::var("DATABASE_URL")
        .expect("DATABASE_URL is not set: run `cargo xtask test`, which starts the servers and sets it");
    let options: PgConnectOptions = url.parse().expect("DATABASE_URL is a postgres:// URL");
    let schema = format!("macros_{}", uuid::Uuid::now_v7().simple());
    let options = options.options([("search_path", schema.as_str())]);
    let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await.expect("PostgreSQL");
    let create = format!("CREATE SCHEMA {schema}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&pool).await.expect("a schema");
    outbox::migrate(&pool).await.expect("migrations");
    let counted = "CREATE TABLE state (id bigint); CREATE TABLE inserts (at bigserial);
        CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN INSERT INTO inserts DEFAULT VALUES; RETURN NULL; END';
        CREATE TRIGGER counted AFTER INSERT ON outbox_log FOR EACH STATEMENT EXECUTE FUNCTION counted()";
    sqlx::raw_sql(counted).execute(&pool).await.expect("a trigger");
    (pool, schema)
}

#[transactional_event(tx = pool)]
async fn change(pool: &PgPool, count: i64) -> Result<(), sqlx::Error> {
    emit!(Changed { id: -1 });
    for id in 0..count {
        emit!(Changed { id });
    }
    (count..2 * count).for_each(|id| emit!(Changed { id }));
    sqlx::query("INSERT INTO state VALUES (1)").execute(&mut *tx).await?;
    {
        let mut tx = tx.begin().await?;
        emit!(Changed { id: -2 });
        emit!(..[Changed { id: -3 }]);
        tx.rollback().await?;
    }
    emit!([Changed { id: -4 }, Changed { id: -5 }], key = -6, headers = { "run" => "last" });
    emit!(topic = "test", type = "test.raw", payload = "p", key = -7);
    Ok(())
}

#[tokio::test]
async fn a_run_is_one_statement() {
    let (pool, schema) = schema().await;
    change(&pool, 200).await.unwrap();
    let keys: Vec<i64> =
        sqlx::query_scalar("SELECT convert_from(key, 'UTF8')::bigint FROM outbox_log ORDER BY position")
            .fetch_all(&pool)
            .await
            .unwrap();
    let expected: Vec<i64> = (-1..400).chain([-6, -6, -7]).collect();
    assert_eq!(keys, expected);
    // The one in the savepoint was rolled back, and its count with it.
    let inserts: i64 = sqlx::query_scalar("SELECT count(*) FROM inserts").fetch_one(&pool).await.unwrap();
    assert_eq!(inserts, 2);
    let drop = format!("DROP SCHEMA {schema} CASCADE");
    sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&pool).await.unwrap();
}
