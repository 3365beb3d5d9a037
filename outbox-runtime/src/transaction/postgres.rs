//! PostgreSQL: one INSERT for any number of events, and a server that refuses statements after an error.

use std::sync::LazyLock;

use sqlx::postgres::{PgConnection, PgDatabaseError, PgPool, PgSeverity, Postgres};
use sqlx::{AssertSqlSafe, Executor, PgExecutor, Transaction};
use uuid::Uuid;

use super::executor::executed;
use super::{BeginOptions, Database, Isolation};
use crate::qualify::{Names, On};
use crate::{Error, Record};

impl Database for Postgres {
    const REFUSES_AFTER_ABORT: bool = true;
    const NESTED_COMMENTS: bool = true;

    const LEVELS_BY_QUEUE: bool = true;

    async fn begin(pool: &PgPool, options: BeginOptions) -> Result<Transaction<'static, Self>, sqlx::Error> {
        match options.isolation {
            None => pool.begin().await,
            Some(Isolation::ReadCommitted) => pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await,
            Some(Isolation::RepeatableRead) => pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await,
            Some(Isolation::Serializable) => pool.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE").await,
        }
    }

    async fn run(conn: &mut PgConnection, text: String) -> Result<(), sqlx::Error> {
        conn.execute(sqlx::raw_sql(AssertSqlSafe(text))).await?;
        Ok(())
    }

    async fn insert(conn: &mut PgConnection, records: &[Record]) -> Result<(), Error> {
        insert_into(conn, &SEARCH_PATH, records).await
    }

    async fn check(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
        savepoint_and_release(conn).await
    }

    fn says_aborted(error: &sqlx::Error) -> bool {
        code(error) == Some("25P02")
    }

    /// An ERROR in answer to COMMIT (a deferred constraint, a serialization failure) is a rollback. Everything that
    /// ends the connection, and SQLSTATEs that say so themselves, may have come after the commit record was written.
    fn commit_refused(error: &sqlx::Error) -> bool {
        let Some(error) = database_error(error) else { return false };
        let unknown = error.code().starts_with("08") || error.code().starts_with("57P0") || error.code() == "40003";
        matches!(error.severity(), PgSeverity::Error) && !unknown
    }

    fn connect_problem(error: &sqlx::Error) -> Option<&'static str> {
        match code(error)? {
            code if code.starts_with("28") => {
                Some("the server refused the credentials; check user and password in the URL, and `pg_hba.conf`")
            }
            "3D000" => Some("the database does not exist; check its name in the URL, or create it"),
            "53300" => Some("the server has no connection left; lower the pools' sizes or raise `max_connections`"),
            "57P03" => Some("the server is starting up or shutting down; try again"),
            _ => None,
        }
    }

    fn address(pool: &PgPool) -> String {
        let options = pool.connect_options();
        let place = match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        let database = options.get_database().unwrap_or_else(|| options.get_username());
        format!("PostgreSQL `{database}` at {place} as `{}`", options.get_username())
    }
}

/// The log of the transaction's search path.
static SEARCH_PATH: LazyLock<Names> = LazyLock::new(Names::default);

/// Inserts into the log of `names`, in the order of the slice; what is due later, into its table of delayed records.
pub(super) async fn insert_into(conn: &mut PgConnection, names: &Names, records: &[Record]) -> Result<(), Error> {
    if let [record] = records
        && record.delay.is_none()
    {
        return insert_one(On { conn, names, unprepared: false }, record).await.map_err(refine);
    }
    let due = Columns::of(records.iter().filter(|record| record.delay.is_none()));
    if !due.ids.is_empty() {
        insert(On { conn, names, unprepared: false }, due).await.map_err(refine)?;
    }
    let seconds: Vec<f64> = records.iter().filter_map(Record::due_in).map(|it| it.as_secs_f64()).collect();
    if !seconds.is_empty() {
        let delayed = Columns::of(records.iter().filter(|record| record.delay.is_some()));
        insert_delayed(On { conn, names, unprepared: false }, delayed, seconds).await.map_err(refine)?;
    }
    Ok(())
}

fn refine(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Database(said) if code(&error) == Some("42P01") && said.message().contains("outbox_") => {
            Error::NotMigrated { source: error }
        }
        _ => Error::Database(error),
    }
}

fn database_error(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    error.as_database_error()?.try_downcast_ref()
}

fn code(error: &sqlx::Error) -> Option<&str> {
    database_error(error).map(PgDatabaseError::code)
}

/// Columns of the records, for `unnest`: one statement text for any number of records (T14).
#[derive(Default)]
struct Columns<'a> {
    ids: Vec<Uuid>,
    topics: Vec<&'a str>,
    keys: Vec<Option<&'a [u8]>>,
    headers: Vec<&'a [u8]>,
    payloads: Vec<Option<&'a [u8]>>,
}

impl<'a> Columns<'a> {
    fn of(records: impl Iterator<Item = &'a Record>) -> Self {
        let mut columns = Self::default();
        for record in records {
            columns.ids.push(record.id);
            columns.topics.push(&record.topic);
            columns.keys.push(record.key.as_deref());
            columns.headers.push(record.headers.as_bytes());
            columns.payloads.push(record.payload.as_deref());
        }
        columns
    }
}

/// The common case: no arrays, nothing to unnest and to sort. Columns as below.
async fn insert_one(executor: impl PgExecutor<'_>, record: &Record) -> Result<(), sqlx::Error> {
    let insert = sqlx::query("INSERT INTO outbox_log (id, topic, key, headers, payload) VALUES ($1, $2, $3, $4, $5)")
        .bind(record.id)
        .bind(&*record.topic)
        .bind(record.key.as_deref())
        .bind(record.headers.as_bytes())
        .bind(record.payload.as_deref());
    executed(executor.fetch_many(insert)).await?;
    Ok(())
}

/// `xid` and `position` are the columns' defaults (W1); the order of positions is that of the records.
async fn insert(executor: impl PgExecutor<'_>, records: Columns<'_>) -> Result<(), sqlx::Error> {
    let insert = sqlx::query(
        "INSERT INTO outbox_log (id, topic, key, headers, payload) \
         SELECT id, topic, key, headers, payload \
         FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[]) \
         WITH ORDINALITY AS event (id, topic, key, headers, payload, place) ORDER BY place",
    )
    .bind(records.ids)
    .bind(records.topics)
    .bind(records.keys)
    .bind(records.headers)
    .bind(records.payloads);
    executed(executor.fetch_many(insert)).await?;
    Ok(())
}

/// Records that are due `seconds` from now.
async fn insert_delayed(
    executor: impl PgExecutor<'_>,
    records: Columns<'_>,
    seconds: Vec<f64>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO outbox_delayed (due, id, topic, key, headers, payload) \
         SELECT statement_timestamp() + make_interval(secs => seconds), id, topic, key, headers, payload \
         FROM unnest($1::float8[], $2::uuid[], $3::text[], $4::bytea[], $5::bytea[], $6::bytea[]) \
         WITH ORDINALITY AS event (seconds, id, topic, key, headers, payload, place) ORDER BY place",
    )
    .bind(seconds)
    .bind(records.ids)
    .bind(records.topics)
    .bind(records.keys)
    .bind(records.headers)
    .bind(records.payloads)
    .execute(executor)
    .await?;
    Ok(())
}

/// Fails in an aborted transaction (25P02) and outside of one (25P01); one round trip.
async fn savepoint_and_release(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    conn.execute(sqlx::raw_sql("SAVEPOINT outbox_check; RELEASE SAVEPOINT outbox_check")).await?;
    Ok(())
}
