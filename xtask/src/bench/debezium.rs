//! Debezium as a contestant: Kafka Connect in one process, the PostgreSQL connector with its outbox event router.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::context::Bench;
use super::root;
use crate::services::maven::{self, Artifact};
use crate::services::port;

const ARTIFACTS: [Artifact; 3] = [
    ("io.debezium", "debezium-connector-postgres", "3.4.1.Final"),
    ("org.apache.kafka", "connect-runtime", "4.1.1"),
    ("org.apache.kafka", "connect-json", "4.1.1"),
];
/// Headers of its messages: `id`, the event's type, and four about itself (`__debezium.context.…`).
pub(super) const HEADERS: usize = 6;
const CONNECTOR: &str = "outbox";
const PATIENCE: Duration = Duration::from_secs(90);

/// The table that the event router knows.
const TABLE: &str = "
CREATE TABLE debezium (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    aggregatetype varchar(255) NOT NULL,
    aggregateid   varchar(255) NOT NULL,
    type          varchar(255) NOT NULL,
    payload       jsonb
);";

/// A running Connect; killed when dropped.
pub(super) struct Debezium {
    child: Child,
    port: u16,
}

impl Debezium {
    /// Makes the table in `schema`, which `pool` is on, and relays it to `topic`.
    pub(super) async fn start(bench: &Bench, pool: &PgPool, schema: &str, topic: &str) -> Result<Self> {
        sqlx::raw_sql(TABLE).execute(pool).await?;
        let (java, libs) = (maven::java().await?, maven::fetch("debezium", &ARTIFACTS).await?);
        let directory = root().canonicalize()?.join("target/bench/debezium");
        // Its offsets are of another run's log.
        drop(std::fs::remove_dir_all(&directory));
        std::fs::create_dir_all(&directory)?;
        let port = port()?;
        let write = |name: &str, text: String| -> Result<PathBuf> {
            let path = directory.join(name);
            std::fs::write(&path, text)?;
            Ok(path)
        };
        let offsets = directory.join("offsets");
        let worker = write("worker.properties", worker(&bench.brokers, port, &offsets.to_string_lossy()))?;
        let connector = write("connector.properties", connector(&bench.database, schema, topic)?)?;
        let log = std::fs::File::create(directory.join("connect.log"))?;
        let child = Command::new(java)
            .args(["-Xmx1g", "-cp", &format!("{}/*", libs.display())])
            .arg("org.apache.kafka.connect.cli.ConnectStandalone")
            .args([worker, connector])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("cannot start Kafka Connect")?;
        let mut debezium = Self { child, port };
        debezium.wait_for("RUNNING").await?;
        // The task runs before its slot does.
        let began = Instant::now();
        let active = "SELECT count(*) > 0 FROM pg_replication_slots WHERE slot_name = $1 AND active";
        while !sqlx::query_scalar::<_, bool>(active).bind(schema).fetch_one(pool).await? {
            ensure!(began.elapsed() < PATIENCE, "Debezium does not open its slot; see target/bench/debezium");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(debezium)
    }

    /// Nothing is relayed until [`Self::resume`].
    pub(super) async fn pause(&mut self) -> Result<()> {
        self.put("stop").await?;
        self.wait_for("STOPPED").await
    }

    /// Relays what has come meanwhile.
    pub(super) async fn resume(&self) -> Result<()> {
        self.put("resume").await
    }

    /// Fails when it does not run any more.
    pub(super) fn check(&mut self) -> Result<()> {
        let ended = self.child.try_wait()?;
        ensure!(ended.is_none(), "Kafka Connect has ended; see target/bench/debezium/connect.log");
        Ok(())
    }

    /// Ends it and removes its slot.
    pub(super) async fn stop(mut self, pool: &PgPool, schema: &str) -> Result<()> {
        self.child.kill().await?;
        let began = Instant::now();
        let drop_slot = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1";
        while let Err(error) = sqlx::query(drop_slot).bind(schema).execute(pool).await {
            ensure!(began.elapsed() < PATIENCE, "the slot of Debezium stays: {error}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    async fn put(&self, action: &str) -> Result<()> {
        let answer = self.ask("PUT", &format!("/connectors/{CONNECTOR}/{action}")).await?;
        ensure!(answer.starts_with("HTTP/1.1 20"), "Kafka Connect refuses `{action}`: {answer}");
        Ok(())
    }

    async fn wait_for(&mut self, state: &str) -> Result<()> {
        let began = Instant::now();
        loop {
            self.check()?;
            let answer = self.ask("GET", &format!("/connectors/{CONNECTOR}/status")).await.unwrap_or_default();
            // Connector and task, or the connector alone when it has none.
            let running = answer.matches(&format!("\"state\":\"{state}\"")).count();
            if running == if state == "RUNNING" { 2 } else { 1 } {
                return Ok(());
            }
            if answer.contains("FAILED") || began.elapsed() > PATIENCE {
                bail!("Debezium is not {state}: {answer}; see target/bench/debezium/connect.log");
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn ask(&self, method: &str, path: &str) -> Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }
}

fn properties(settings: &[(&str, &str)]) -> String {
    settings.iter().fold(String::new(), |mut text, (name, value)| {
        // Into a String it cannot fail.
        let _ = writeln!(text, "{name}={value}");
        text
    })
}

fn worker(brokers: &str, port: u16, offsets: &str) -> String {
    properties(&[
        ("bootstrap.servers", brokers),
        ("listeners", &format!("http://127.0.0.1:{port}")),
        ("key.converter", "org.apache.kafka.connect.storage.StringConverter"),
        ("value.converter", "org.apache.kafka.connect.storage.StringConverter"),
        ("offset.storage.file.filename", offsets),
        ("offset.flush.interval.ms", "1000"),
        ("producer.linger.ms", "5"),
        ("producer.batch.size", "131072"),
    ])
}

fn connector(url: &str, schema: &str, topic: &str) -> Result<String> {
    let options: PgConnectOptions = url.parse()?;
    let login = url.split_once("://").and_then(|(_, rest)| rest.split_once('@')).map_or("", |(login, _)| login);
    let password = login.split_once(':').map_or("", |(_, password)| password);
    Ok(properties(&[
        ("name", CONNECTOR),
        ("connector.class", "io.debezium.connector.postgresql.PostgresConnector"),
        ("tasks.max", "1"),
        ("plugin.name", "pgoutput"),
        ("snapshot.mode", "no_data"),
        ("database.hostname", options.get_host()),
        ("database.port", &options.get_port().to_string()),
        ("database.user", options.get_username()),
        ("database.password", password),
        ("database.dbname", options.get_database().unwrap_or(options.get_username())),
        ("topic.prefix", schema),
        ("slot.name", schema),
        ("publication.name", schema),
        ("publication.autocreate.mode", "filtered"),
        ("table.include.list", &format!("{schema}.debezium")),
        ("poll.interval.ms", "10"),
        ("max.batch.size", "8192"),
        ("max.queue.size", "32768"),
        ("transforms", "outbox"),
        ("transforms.outbox.type", "io.debezium.transforms.outbox.EventRouter"),
        ("transforms.outbox.route.topic.replacement", topic),
        ("transforms.outbox.table.fields.additional.placement", "type:header:ce_type"),
    ]))
}
