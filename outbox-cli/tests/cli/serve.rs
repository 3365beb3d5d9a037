//! `outbox relay --listen`: probes and metrics over HTTP, with settings from a file.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};

use crate::support::{outbox, server};

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The program, killed with the test.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn relay(config: &std::path::Path, more: &[&str]) -> Running {
    let mut program = Command::new(env!("CARGO_BIN_EXE_outbox"));
    program.arg("relay").arg("--config").arg(config).args(more).stdin(Stdio::null()).stderr(Stdio::null());
    for variable in ["DATABASE_URL", "KAFKA_BROKERS"] {
        program.env_remove(variable);
    }
    Running(program.spawn().expect("the program starts"))
}

pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port()
}

/// Status and body.
pub(crate) fn get(port: u16, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer.split_once("\r\n\r\n")?.1.to_owned()))
}

/// Asks until the answer is as wanted.
pub(crate) fn until(port: u16, path: &str, wanted: impl Fn(u16, &str) -> bool) -> String {
    let began = Instant::now();
    loop {
        let answer = get(port, path);
        match answer {
            Some((status, body)) if wanted(status, &body) => return body,
            answer => assert!(began.elapsed() < PATIENCE, "{path} says {answer:?}"),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

pub(crate) async fn create_topic(topic: &str) {
    let kafka: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", server("KAFKA_BROKERS")).create().expect("an admin client");
    let new = NewTopic::new(topic, 1, TopicReplication::Fixed(1));
    kafka.create_topics([&new], &AdminOptions::new()).await.expect("Kafka answers").remove(0).expect("a topic");
}

fn json(body: &str) -> Value {
    serde_json::from_str(body).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_and_metrics_are_served() {
    let schema = format!("serve_{}", uuid::Uuid::now_v7().simple());
    let base = server("DATABASE_URL");
    let admin = PgPool::connect(&base).await.expect("DATABASE_URL can be reached");
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&admin).await.expect("a schema");
    let url = format!("{base}{}options[search_path]={schema}", if base.contains('?') { '&' } else { '?' });
    assert_eq!(outbox(&["migrate", "--database-url", &url]).code, 0);
    let topic = format!("serve.{schema}");
    create_topic(&topic).await;
    let pool = PgPool::connect(&url).await.expect("the schema's pool");
    for _ in 0..100 {
        sqlx::query("INSERT INTO outbox_log (id, topic, key, headers) VALUES ($1, $2, 'k', '')")
            .bind(uuid::Uuid::now_v7())
            .bind(&topic)
            .execute(&pool)
            .await
            .expect("a record");
    }

    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("outbox.toml");
    let (port, other) = (free_port(), free_port());
    let brokers = server("KAFKA_BROKERS");
    let text = format!(
        "database-url = '{url}'\nbrokers = '{brokers}'\nlisten = {port}\nlease-seconds = 5\n[kafka]\nlinger.ms = 1\n"
    );
    std::fs::write(&file, text).expect("a file");

    let first = relay(&file, &[]);
    until(port, "/metrics", |status, body| {
        status == 200 && body.contains(&format!("outbox_published_total{{topic=\"{topic}\"}} 100\n"))
    });
    let ready = json(&until(port, "/readyz", |status, body| status == 200 && body.contains("running")));
    assert_eq!((&ready["ready"], &ready["relays"][0]["epoch"]), (&true.into(), &1.into()), "{ready}");
    assert_eq!(json(&until(port, "/livez", |status, _| status == 200))["live"], true);
    let metrics = until(port, "/metrics", |status, _| status == 200);
    for line in [
        "# TYPE outbox_publish_latency_seconds histogram",
        "# TYPE outbox_oldest_pending_seconds gauge",
        "# HELP outbox_backlog_records At most",
        "outbox_publish_errors_total{class=\"park\"} 0",
        "outbox_parked_records 0",
        "outbox_build_info{version=",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    assert_eq!(get(port, "/else").expect("an answer").0, 404);

    // A flag goes before the file. A second relay of the log stands by, and is ready to.
    let second = relay(&file, &["--listen", &other.to_string()]);
    let standby = json(&until(other, "/readyz", |status, _| status == 200));
    assert_eq!(standby["relays"][0]["state"], "standby", "{standby}");
    drop(second);

    // The lease of the one that was killed has to end first.
    drop(first);
    let away = relay(&file, &["--listen", &other.to_string(), "--brokers", "127.0.0.1:1"]);
    sqlx::query("INSERT INTO outbox_log (id, topic, key, headers) VALUES ($1, $2, 'k', '')")
        .bind(uuid::Uuid::now_v7())
        .bind(&topic)
        .execute(&pool)
        .await
        .expect("a record");
    let outage = json(&until(other, "/readyz", |status, body| status == 503 && body.contains("outage")));
    let why = outage["relays"][0]["why_not_ready"].as_str().expect("why");
    assert!(why.contains("127.0.0.1:1"), "{outage}");
    assert_eq!(get(other, "/livez").expect("an answer").0, 200, "a restart would not help");
    until(other, "/metrics", |_, body| body.contains("outbox_backlog_records 1\n"));
    drop(away);
}

#[test]
fn a_port_that_is_taken_and_a_setting_that_is_none_are_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = taken.local_addr().expect("an address").to_string();
    let run = outbox(&["relay", "--database-url", "sqlite::memory:", "--brokers", "127.0.0.1:1", "--listen", &place]);
    assert!(run.code == 2 && run.err.contains(&place) && run.err.contains("--listen"), "{}", run.err);
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("outbox.toml");
    std::fs::write(&file, "# a comment\nbroker = 'a:1'\n").expect("a file");
    let run = outbox(&["status", "--config", file.to_str().expect("UTF-8")]);
    assert!(run.code == 2 && run.err.contains("outbox.toml:2: `broker` is no setting"), "{}", run.err);
}

/// As a file of variables without a value leaves it.
#[test]
fn a_database_url_of_nothing_is_refused() {
    for (args, says) in [(&["relay", "--brokers", "127.0.0.1:1"][..], "no database"), (&["status"], "postgres:")] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_outbox"));
        let run = program.args(args).env("DATABASE_URL", "").output().expect("the program runs");
        let said = String::from_utf8(run.stderr).expect("UTF-8");
        assert!(run.status.code() == Some(2) && said.contains(says), "{args:?}: {said}");
    }
}
