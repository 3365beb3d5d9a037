//! A transaction left open: it keeps the server from removing dead rows, and there are none (A7, S3).

use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

use crate::support::{Schema, insert, sql};

const ROUNDS: usize = 4_000;

/// Bytes of the log and of the cursor's table, and of the log's rows alone those that are dead.
async fn sizes(pool: &PgPool) -> (i64, i64, i64) {
    sqlx::query_as(
        "SELECT (SELECT sum(pg_total_relation_size(relid))::bigint FROM pg_partition_tree('outbox_log')),
                pg_relation_size('outbox_cursor'),
                (SELECT coalesce(sum(n_dead_tup), 0)::bigint FROM pg_stat_user_tables
                 WHERE schemaname = current_schema() AND relname LIKE 'outbox_log%')",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

/// Pages that a statement looks at.
pub(crate) async fn pages_of(pool: &PgPool, statement: &str) -> i64 {
    let explain = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}");
    let plan: serde_json::Value = sqlx::query_scalar(AssertSqlSafe(explain)).fetch_one(pool).await.unwrap();
    let plan = &plan[0]["Plan"];
    plan["Shared Hit Blocks"].as_i64().unwrap() + plan["Shared Read Blocks"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_a_transaction_left_open_bloats_nothing() {
    let schema = Schema::new().await;
    let mut relay = schema.relay().await;
    let mut open: PgConnection = PgConnection::connect_with(&schema.options).await.unwrap();
    sql(&mut open, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class").await;

    let (mut largest_log, mut largest_cursor, mut most_pages) = (0, 0, 0);
    for round in 0..ROUNDS {
        if round % 20 == 0 {
            insert(&schema.pool, "k", &round.to_string()).await;
            assert_eq!(relay.deliver().await, [round.to_string()]);
            relay.make_room().await;
            let (log, cursor, dead) = sizes(&schema.pool).await;
            assert_eq!(dead, 0, "dead rows in the log");
            (largest_log, largest_cursor) = (largest_log.max(log), largest_cursor.max(cursor));
            most_pages = most_pages.max(pages_of(&schema.pool, "SELECT epoch FROM outbox_cursor WHERE one").await);
        }
        relay.settle().await.unwrap();
    }
    println!("{ROUNDS} settles: log at most {largest_log} B, cursor {largest_cursor} B, {most_pages} pages to find it");
    let held: bool = sqlx::query_scalar("SELECT bool_or(backend_xmin IS NOT NULL) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND state = 'idle in transaction'")
        .fetch_one(&schema.pool)
        .await
        .unwrap();
    assert!(held, "the transaction holds the server back all the time");
    assert!(largest_cursor < 512 << 10, "bounded, where each settle leaves some 100 B");
    assert!(most_pages < 100);
    assert!(largest_log < 1 << 20);
    assert_eq!(schema.rows().await, 0);
    sql(&mut open, "COMMIT").await;
    schema.drop().await;
}
