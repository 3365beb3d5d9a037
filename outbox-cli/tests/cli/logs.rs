//! Many logs: named schemas, roles, adopting, and one relay program for all of them, on the real servers.

use std::process::{Command, Stdio};
use std::time::Duration;

use outbox::{Ident, emit, in_schema, transactional_event};
use rdkafka::consumer::{BaseConsumer, Consumer};
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

use crate::operate::{Noted, PATIENCE, Running, topic};
use crate::support::{outbox, server};

#[transactional_event(tx = pool)]
async fn note(pool: &PgPool, schema: &Ident, topic: &str, number: i64) -> Result<(), sqlx::Error> {
    let mut log = in_schema(tx, schema);
    emit!(log => Noted { number, topic: topic.to_owned() });
    Ok(())
}

fn schemas<const N: usize>() -> [Ident; N] {
    let base = Uuid::now_v7().simple();
    std::array::from_fn(|n| format!("Logs-{base}-{n}").parse().expect("a valid name"))
}

async fn sql(pool: &PgPool, text: String) {
    let done = sqlx::raw_sql(AssertSqlSafe(text.clone())).execute(pool).await;
    done.unwrap_or_else(|error| panic!("{text}: {error}"));
}

/// Two logs that work and one that is not there, in one program: the two flow, and the exit code tells of the third.
#[tokio::test(flavor = "multi_thread")]
async fn one_program_relays_many_logs_and_says_which_one_failed() {
    let url = server("DATABASE_URL");
    let pool = PgPool::connect(&url).await.expect("DATABASE_URL can be reached");
    let [one, two, missing] = schemas();
    let (topic, kafka) = topic().await;
    for schema in [&one, &two] {
        let made = outbox(&["migrate", "--database-url", &url, "--schema", schema.as_str()]);
        assert_eq!(made.code, 0, "{}", made.err);
        for number in 0..50 {
            note(&pool, schema, &topic, number).await.expect("an event");
        }
    }
    let mut program = Command::new(env!("CARGO_BIN_EXE_outbox"));
    program.args(["relay", "--brokers", &server("KAFKA_BROKERS"), "--notify"]);
    program.args(["--schema", &format!("{one},{two}"), "--schema", missing.as_str()]);
    program.env("DATABASE_URL", &url).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = Running(program.spawn().expect("the program starts"));
    let consumer: BaseConsumer = kafka.clone().set("group.id", "logs").create().expect("a consumer");
    let all = async {
        while consumer.fetch_watermarks(&topic, 0, PATIENCE).expect("watermarks").1 < 100 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, all).await.expect("the events of both logs arrive");
    let pid = running.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
    let mut out = String::new();
    let mut stdout = running.0.stdout.take().expect("a pipe");
    std::io::Read::read_to_string(&mut stdout, &mut out).expect("UTF-8");
    assert_eq!(running.0.wait().expect("it ends").code(), Some(1), "{out}");
    assert!(out.contains(missing.as_str()) && out.contains("[OBX-123]") && !out.contains(one.as_str()), "{out}");
    for schema in [&one, &two] {
        let status = outbox(&["status", "--database-url", &url, "--schema", schema.as_str()]);
        assert!(status.code == 0 && status.out.contains("backlog   none"), "{}", status.out);
        sql(&pool, format!("DROP SCHEMA \"{schema}\" CASCADE")).await;
    }

    // None is left: the program ends by itself.
    let alone = outbox(&["relay", "--brokers", "127.0.0.1:1", "--database-url", &url, "--schema", missing.as_str()]);
    assert!(alone.code == 2 && alone.err.contains("[OBX-123]"), "{}", alone.err);
    let bad = outbox(&["status", "--database-url", &url, "--schema", "a b"]);
    assert!(bad.code == 2 && bad.err.contains("[OBX-134]"), "{}", bad.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_printed_and_on_request_applied() {
    let url = server("DATABASE_URL");
    let pool = PgPool::connect(&url).await.expect("DATABASE_URL can be reached");
    let [schema] = schemas();
    let roles = ["--roles", schema.as_str()];
    let migrate = ["migrate", "--database-url", &url, "--schema", schema.as_str()];
    let printed = outbox(&[&migrate[..], &roles].concat());
    assert!(printed.code == 0 && printed.out.contains("CREATE ROLE"), "{}{}", printed.out, printed.err);
    let made = "SELECT count(*) FROM pg_roles WHERE rolname LIKE $1 || '\\_%'";
    let count =
        async || sqlx::query_scalar::<_, i64>(made).bind(schema.as_str()).fetch_one(&pool).await.expect("roles");
    assert_eq!(count().await, 0, "printing changes nothing");
    for _ in 0..2 {
        let applied = outbox(&[&migrate[..], &roles, &["--apply"]].concat());
        assert_eq!(applied.code, 0, "{}", applied.err);
        assert_eq!(count().await, 3);
    }
    // What was printed does the same by hand.
    let mut tx = pool.begin().await.expect("a transaction");
    sqlx::raw_sql(AssertSqlSafe(printed.out)).execute(&mut *tx).await.expect("statements as they are");
    tx.commit().await.expect("a commit");
    sql(&pool, format!("DROP SCHEMA \"{schema}\" CASCADE")).await;
    for role in ["writer", "relay", "admin"] {
        sql(&pool, format!("DROP OWNED BY \"{schema}_{role}\"; DROP ROLE \"{schema}_{role}\"")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_from_another_cluster_is_adopted_on_request_only() {
    let url = server("DATABASE_URL");
    let pool = PgPool::connect(&url).await.expect("DATABASE_URL can be reached");
    let [schema] = schemas();
    let log = ["--database-url", &url, "--schema", schema.as_str()];
    assert_eq!(outbox(&[&["migrate"], &log[..]].concat()).code, 0);
    note(&pool, &schema, "t", 1).await.expect("an event");
    let clean = outbox(&[&["adopt"], &log[..]].concat());
    assert!(clean.code == 0 && clean.out.contains("nothing to adopt"), "{}", clean.out);
    sql(&pool, format!("UPDATE \"{schema}\".outbox_cursor SET system_identifier = 7")).await;
    let refused = outbox(&[&["relay", "--brokers", "127.0.0.1:1"], &log[..]].concat());
    assert!(refused.code == 2 && refused.err.contains("outbox adopt"), "{}", refused.err);
    for _ in 0..2 {
        let dry = outbox(&[&["adopt"], &log[..]].concat());
        assert!(dry.code == 1 && dry.out.contains("1 records will be published"), "{}{}", dry.out, dry.err);
    }
    let done = outbox(&[&["adopt", "--yes"], &log[..]].concat());
    assert!(done.code == 0 && done.out.contains("adopted"), "{}{}", done.out, done.err);
    assert_eq!(outbox(&[&["adopt"], &log[..]].concat()).code, 0);
    // Without a cursor, as a dump may be.
    sql(&pool, format!("DELETE FROM \"{schema}\".outbox_cursor")).await;
    let dry = outbox(&[&["adopt"], &log[..]].concat());
    assert!(dry.code == 1 && dry.out.contains("no cursor") && dry.out.contains("1 records will be"), "{}", dry.out);
    let done = outbox(&[&["adopt", "--yes"], &log[..]].concat());
    assert!(done.code == 0 && done.out.contains("adopted"), "{}{}", done.out, done.err);
    sql(&pool, format!("DROP SCHEMA \"{schema}\" CASCADE")).await;
}
