//! Apache Kafka in KRaft mode: one process that is broker and controller, fetched once with Maven.

use super::dir;
use super::process::{data, port, spawn};
use super::program::{find, run};
use anyhow::Result;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use tokio::process::{Child, Command};

const POM: &str = r#"<project><modelVersion>4.0.0</modelVersion>
<groupId>outbox</groupId><artifactId>kafka</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.1</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>4.3.1</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
</dependencies></project>
"#;

pub(super) async fn start(name: &str) -> Result<(String, Child)> {
    let java = find(&["/usr/bin/java"], &["openjdk-17-jre-headless"]).await?;
    let data = data(name, "root").await?;
    let libs = fetch(&data).await?;
    let (port, controller) = (port()?, port()?);
    let config = data.join("server.properties");
    fs::write(&config, properties(port, controller, &data))?;
    let cp = format!("{}/*", libs.display());
    let tool = || {
        let mut command = Command::new(&java);
        command.args(["-cp", &cp, "kafka.tools.StorageTool"]);
        command
    };
    let id = run(tool().arg("random-uuid")).await?;
    run(tool().args(["format", "-t", &id, "-c"]).arg(&config)).await?;
    let mut server = Command::new(&java);
    server.args(["-Xms512m", "-Xmx512m", "-cp", &cp, "kafka.Kafka"]).arg(&config);
    Ok((format!("127.0.0.1:{port}"), spawn(name, &mut server)?))
}

/// The jars, in a directory of their own that `down` leaves.
async fn fetch(data: &Path) -> Result<PathBuf> {
    let libs = dir().canonicalize()?.join("kafka-libs");
    if !libs.join("complete").exists() {
        let mvn = find(&["/usr/bin/mvn"], &["maven"]).await?;
        eprintln!("fetching Apache Kafka 4.3.1");
        fs::write(data.join("pom.xml"), POM)?;
        let to = format!("-DoutputDirectory={}", libs.display());
        let copy = ["-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", &to];
        run(Command::new(mvn).current_dir(data).args(copy)).await?;
        File::create(libs.join("complete"))?;
    }
    Ok(libs)
}

fn properties(port: u16, controller: u16, data: &Path) -> String {
    format!(
        "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={}/log
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
auto.create.topics.enable=false
",
        data.display()
    )
}
