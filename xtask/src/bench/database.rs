//! The log of a bench: a schema of its own, filled by one INSERT.

use anyhow::{Context, Result};
use outbox::{Event, Record};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

/// Keys of all events; the first `KEYS_HOT` of them get every second event.
const KEYS: i32 = 5_000;
const KEYS_HOT: i32 = 50;
const PAYLOAD_BYTES: i32 = 160;

#[derive(serde::Serialize, Event)]
#[event(name = "bench.funds-withdrawn", version = 1, topic = "bench")]
struct Withdrawn {}

/// A pool whose connections live in `schema`, which is made anew.
pub(super) async fn create_schema(url: &str, schema: &str) -> Result<PgPool> {
    drop_schema(url, schema).await?;
    let mut connection = PgConnection::connect(url).await?;
    // Safe: the name is ours, of letters and digits.
    sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&mut connection).await?;
    connection.close().await?;
    let options: PgConnectOptions = url.parse()?;
    let pool = PgPoolOptions::new().connect_with(options.options([("search_path", schema)])).await?;
    outbox::migrate(&pool).await.context("cannot migrate the schema of the bench")?;
    Ok(pool)
}

pub(super) async fn drop_schema(url: &str, schema: &str) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(format!("SET client_min_messages = warning; DROP SCHEMA IF EXISTS {schema} CASCADE")))
        .execute(&mut connection)
        .await?;
    Ok(connection.close().await?)
}

/// `events` rows with the headers that `emit!` stores, the number of the event in the payload.
pub(super) async fn fill(pool: &PgPool, topic: &str, events: u32) -> Result<()> {
    let headers = Record::new(&Withdrawn {})?.headers;
    sqlx::query(
        "INSERT INTO outbox_log (id, topic, key, headers, payload)
         SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' ||
                 lpad(to_hex(n & 4095), 3, '0') || '8' || lpad(to_hex(n), 15, '0'))::uuid,
                $2,
                convert_to((CASE WHEN n % 2 = 0 THEN n / 2 % $4 ELSE $4 + (n * 7919::bigint) % ($3 - $4) END)::text, 'UTF8'),
                $5,
                convert_to(rpad('{\"n\":' || n || ',\"memo\":\"', $6 - 2, 'x') || '\"}', 'UTF8')
         FROM generate_series(1, $1) n ORDER BY n",
    )
    .bind(i32::try_from(events)?)
    .bind(topic)
    .bind(KEYS)
    .bind(KEYS_HOT)
    .bind(headers.as_bytes())
    .bind(PAYLOAD_BYTES)
    .execute(pool)
    .await
    .context("cannot fill the log")?;
    // What the server would do some time later happens before the clock runs: statistics, hint bits, dirty pages.
    sqlx::query("VACUUM ANALYZE outbox_log").execute(pool).await?;
    sqlx::query("CHECKPOINT")
        .execute(pool)
        .await
        .context("CHECKPOINT: the bench wants a superuser of its own server")?;
    Ok(())
}

/// Rows that the relay has not removed, and whether its cursor has passed all of them.
pub(super) async fn is_settled(pool: &PgPool) -> Result<bool> {
    let left: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM outbox_log l, outbox_cursor c
         WHERE NOT pg_visible_in_snapshot(l.xid, c.prev)
           AND (c.now IS NULL OR NOT pg_visible_in_snapshot(l.xid, c.now) OR l.position > c.last_position)",
    )
    .fetch_one(pool)
    .await?;
    Ok(left == 0)
}
