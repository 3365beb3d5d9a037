//! The log of a bench: a schema of its own, filled by one INSERT.

use anyhow::{Context, Result};
use outbox::{Event, Record};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

/// Keys of all events; the first `KEYS_HOT` of them get every second event.
pub(super) const KEYS: i32 = 5_000;
pub(super) const KEYS_HOT: i32 = 50;
pub(super) const PAYLOAD_BYTES: i32 = 160;

#[derive(serde::Serialize, Event)]
#[event(name = "bench.funds-withdrawn", version = 1, topic = "bench")]
struct Withdrawn {}

/// A pool whose connections live in `schema`, which is made anew and is empty.
pub(super) async fn create_empty_schema(url: &str, schema: &str) -> Result<PgPool> {
    let mut connection = PgConnection::connect(url).await?;
    // Safe: the name is ours, of letters and digits.
    let text =
        format!("SET client_min_messages = warning; DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}");
    sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await?;
    connection.close().await?;
    let options: PgConnectOptions = url.parse()?;
    let options = options.options([("search_path", schema)]).application_name(schema);
    Ok(PgPoolOptions::new().max_connections(80).connect_with(options).await?)
}

/// A URL whose connections live in `schema`, under this name.
pub(super) fn url_of(url: &str, schema: &str, name: &str) -> String {
    let join = if url.contains('?') { '&' } else { '?' };
    // As every driver reads it.
    format!("{url}{join}options=-c%20search_path%3D{schema}&application_name={name}")
}

/// The same with the tables of the outbox.
pub(super) async fn create_schema(url: &str, schema: &str) -> Result<PgPool> {
    let pool = create_empty_schema(url, schema).await?;
    outbox::migrate(&pool).await.context("cannot migrate the schema of the bench")?;
    Ok(pool)
}

/// Drops every schema whose name starts with `prefix`, and what replicates from it. Connections of that name, of a cell that
/// was stopped half way, are ended first: they would be in the way.
pub(super) async fn drop_schemas(url: &str, prefix: &str) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    let end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE starts_with(application_name, $1)";
    sqlx::query(end).bind(prefix).execute(&mut connection).await?;
    sqlx::query(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
         WHERE starts_with(slot_name, $1) AND NOT active",
    )
    .bind(prefix)
    .execute(&mut connection)
    .await?;
    let names: Vec<String> =
        sqlx::query_scalar("SELECT nspname::text FROM pg_namespace WHERE starts_with(nspname, $1)")
            .bind(prefix)
            .fetch_all(&mut connection)
            .await?;
    for name in names {
        let text = format!("SET client_min_messages = warning; DROP SCHEMA IF EXISTS {name} CASCADE");
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await?;
    }
    Ok(connection.close().await?)
}

/// The server, for people.
pub(super) async fn version(url: &str) -> Result<String> {
    let mut connection = PgConnection::connect(url).await?;
    let version: String = sqlx::query_scalar("SHOW server_version").fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(format!("PostgreSQL {version}"))
}

/// Bytes of write-ahead log so far.
pub(super) async fn wal(pool: &PgPool) -> Result<f64> {
    let bytes = sqlx::query_scalar("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8");
    Ok(bytes.fetch_one(pool).await?)
}

/// SQL of the key of event `n`.
pub(super) fn key_sql() -> String {
    format!(
        "(CASE WHEN n % 2 = 0 THEN n / 2 % {KEYS_HOT} ELSE {KEYS_HOT} + (n * 7919::bigint) % {} END)::text",
        KEYS - KEYS_HOT
    )
}

/// SQL of the payload of event `n`: its number, and digits that no compression finds a pattern in.
pub(super) fn payload_sql() -> String {
    let digits: Vec<_> = (0..5).map(|part| format!("md5('{part}-' || n)")).collect();
    let digits = digits.join(" || ");
    format!("left('{{\"n\":' || n || ',\"memo\":\"' || {digits}, {}) || '\"}}'", PAYLOAD_BYTES - 2)
}

/// `events` rows with the headers that `emit!` stores, the number of the event in the payload.
pub(super) async fn fill(pool: &PgPool, topic: &str, events: u32) -> Result<()> {
    let headers = Record::new(&Withdrawn {})?.headers;
    let text = format!(
        "INSERT INTO outbox_log (id, topic, key, headers, payload)
         SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' ||
                 lpad(to_hex(n & 4095), 3, '0') || '8' || lpad(to_hex(n), 15, '0'))::uuid,
                $2, convert_to({}, 'UTF8'), $3, convert_to({}, 'UTF8')
         FROM generate_series(1, $1) n ORDER BY n",
        key_sql(),
        payload_sql()
    );
    sqlx::query(AssertSqlSafe(text))
        .bind(i32::try_from(events)?)
        .bind(topic)
        .bind(headers.as_bytes())
        .execute(pool)
        .await
        .context("cannot fill the log")?;
    settle_down(pool, "outbox_log").await
}

/// What the server would do some time later happens before the clock runs: statistics, hint bits, dirty pages.
pub(super) async fn settle_down(pool: &PgPool, table: &str) -> Result<()> {
    sqlx::query(AssertSqlSafe(format!("VACUUM ANALYZE {table}"))).execute(pool).await?;
    let checkpoint = sqlx::query("CHECKPOINT").execute(pool).await;
    checkpoint.context("CHECKPOINT: the bench wants a superuser of its own server").map(drop)
}

/// Whether the relay's cursor has passed all rows of the log.
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
