//! What an operator does: tables, a look at the log, parked records, and the relay as a program, on the real servers.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use outbox::relay::Relay;
use outbox::sink::{Class, MemorySink};
use outbox::store::SqliteStore;
use outbox::{Event, emit, transactional_event};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use sqlx::{PgPool, SqlitePool};

use crate::support::{outbox, server};

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

#[derive(serde::Serialize)]
pub(crate) struct Noted {
    pub(crate) number: i64,
    pub(crate) topic: String,
}

// By hand, because the topic is a test's own.
impl Event for Noted {
    fn name(&self) -> &'static str {
        "cli.noted"
    }
    fn version(&self) -> u32 {
        1
    }

    fn topic(&self) -> std::borrow::Cow<'_, str> {
        self.topic.as_str().into()
    }
    fn key(&self) -> Option<Vec<u8>> {
        Some(b"k".to_vec())
    }
    fn encode(&self) -> Result<Option<Vec<u8>>, outbox::event::BoxError> {
        Ok(Some(serde_json::to_vec(self)?))
    }
}

#[transactional_event(tx = pool)]
async fn note_sqlite(pool: &SqlitePool, number: i64) -> Result<(), sqlx::Error> {
    emit!(Noted { number, topic: "t".into() });
    Ok(())
}

#[transactional_event(tx = pool)]
async fn note(pool: &PgPool, topic: &str, number: i64) -> Result<(), sqlx::Error> {
    emit!(Noted { number, topic: topic.to_owned() });
    Ok(())
}

#[tokio::test]
async fn a_log_is_made_shown_and_its_parked_records_are_marked() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("service.db");
    let url = format!("sqlite:{}", file.display());
    let missing = outbox(&["status", "--database-url", &url]);
    assert_eq!(missing.code, 2, "a wrong path makes no file: {}", missing.err);
    assert!(missing.err.contains("service.db") && !file.exists(), "{}", missing.err);

    std::fs::write(&file, "").expect("an empty file is an empty database");
    let unmigrated = outbox(&["status", "--database-url", &url]);
    assert!(unmigrated.code == 2 && unmigrated.err.contains("migrate"), "{}", unmigrated.err);
    for _ in 0..2 {
        let made = outbox(&["migrate", "--database-url", &url]);
        assert_eq!((made.code, &*made.out), (0, "the outbox tables are up to date\n"), "{}", made.err);
    }
    assert_eq!(outbox(&["status", "--database-url", &url]).code, 0, "nothing waits");

    let pool = SqlitePool::connect(&url).await.expect("the file opens");
    for number in 0..3 {
        note_sqlite(&pool, number).await.expect("an event");
    }
    let status = outbox(&["status", "--database-url", &url, "--json"]);
    let json: serde_json::Value = serde_json::from_str(&status.out).expect("JSON");
    assert_eq!((status.code, &json["backlog_records"], &json["owner"]), (1, &3.into(), &serde_json::Value::Null));

    // A broker that refuses the first one.
    let sink = MemorySink::new();
    sink.reject(|message| {
        message.payload.as_deref().is_some_and(|it| it.starts_with(b"{\"number\":0")).then_some(Class::Park)
    });
    let relay = Relay::builder(SqliteStore::new(pool.clone()), sink).build();
    let mut state = relay.status();
    let parked = async move { drop(state.wait_for(|status| status.parked == 3).await) };
    tokio::time::timeout(PATIENCE, relay.run(parked)).await.expect("in time").expect("an orderly stop");

    let list = outbox(&["parked", "list", "--database-url", &url, "--json", "--all"]);
    let rows: Vec<serde_json::Value> = list.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((list.code, rows.len(), &rows[0]["state"], &rows[2]["state"]), (1, 3, &"failed".into(), &"auto".into()));
    let (failed, waiting) = (rows[0]["id"].as_str().expect("an id"), rows[2]["id"].as_str().expect("an id"));

    let dry = outbox(&["parked", "skip", failed, "--database-url", &url]);
    assert!(dry.code == 1 && dry.out.contains("`--yes` does it"), "{}", dry.out);
    let marked = outbox(&["parked", "skip", failed, "--database-url", &url, "--yes"]);
    assert_eq!(marked.code, 0, "{}{}", marked.out, marked.err);
    let shown = outbox(&["parked", "list", "--database-url", &url]);
    assert!(shown.out.contains("to be skipped") && shown.out.contains("2 waiting"), "{}", shown.out);
    let refused = outbox(&["parked", "retry", waiting, "--database-url", &url, "--yes"]);
    assert!(refused.code == 1 && refused.out.contains("wait for records before them"), "{}", refused.out);
    let unknown = outbox(&["parked", "retry", "00000000-0000-7000-8000-000000000000", "--database-url", &url, "--yes"]);
    assert!(unknown.code == 2 && unknown.err.contains("is not parked"), "{}", unknown.err);
}

#[test]
fn a_database_that_is_not_there_is_named_without_its_password() {
    let run = outbox(&["status", "--database-url", "postgres://me:s3cret@127.0.0.1:1/bank"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("127.0.0.1:1") && !run.err.contains("s3cret"), "{}", run.err);
    let run = outbox(&["status", "--database-url", "oracle:x"]);
    assert!(run.code == 2 && run.err.contains("begins with"), "{}", run.err);
}

/// The program, killed when the test ends before it does.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A topic of the test's own with one partition, and the settings of a client.
pub(crate) async fn topic() -> (String, ClientConfig) {
    let topic = format!("cli.{}", uuid::Uuid::now_v7().simple());
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", server("KAFKA_BROKERS"));
    let kafka: AdminClient<DefaultClientContext> = config.create().expect("an admin client");
    let new = NewTopic::new(&topic, 1, TopicReplication::Fixed(1));
    kafka.create_topics([&new], &AdminOptions::new()).await.expect("Kafka answers").remove(0).expect("a topic");
    (topic, config)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_publishes_until_it_is_told_to_stop() {
    let schema = format!("cli_{}", uuid::Uuid::now_v7().simple());
    let base = server("DATABASE_URL");
    let admin = PgPool::connect(&base).await.expect("DATABASE_URL can be reached");
    let create = format!("CREATE SCHEMA {schema}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&admin).await.expect("a schema");
    let url = format!("{base}{}options[search_path]={schema}", if base.contains('?') { '&' } else { '?' });
    assert_eq!(outbox(&["migrate", "--database-url", &url]).code, 0);

    let (topic, mut config) = topic().await;
    let pool = PgPool::connect(&url).await.expect("the schema's pool");
    for number in 0..100 {
        note(&pool, &topic, number).await.expect("an event");
    }
    let mut program = Command::new(env!("CARGO_BIN_EXE_outbox"));
    program.args(["relay", "--brokers", &server("KAFKA_BROKERS"), "--log-json", "--kafka", "linger.ms=1"]);
    program.env("DATABASE_URL", &url).stdin(Stdio::null()).stderr(Stdio::piped());
    let mut running = Running(program.spawn().expect("the program starts"));
    let lines = BufReader::new(running.0.stderr.take().expect("a pipe"));
    let log = std::thread::spawn(move || lines.lines().map_while(Result::ok).collect::<Vec<_>>());

    let consumer: BaseConsumer = config.set("group.id", "cli").create().expect("a consumer");
    let began = Instant::now();
    while consumer.fetch_watermarks(&topic, 0, PATIENCE).expect("watermarks").1 < 100 {
        assert!(began.elapsed() < PATIENCE, "the events arrive");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let status = outbox(&["status", "--database-url", &url]);
    assert!(status.out.contains("relay     ") && status.out.contains("epoch 1"), "{}", status.out);
    let pid = running.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
    let code = running.0.wait().expect("it ends");
    assert!(code.success(), "an orderly stop: {code}");
    let log = log.join().expect("no panic");
    assert!(log.iter().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{log:#?}");
    let status = outbox(&["status", "--database-url", &url]);
    assert!(
        status.code == 0 && status.out.contains("relay     none") && status.out.contains("backlog   none"),
        "{}",
        status.out
    );
    assert_eq!(consumer.fetch_watermarks(&topic, 0, PATIENCE).expect("watermarks").1, 100, "no duplicate");
}
