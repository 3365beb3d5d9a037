//! Apache Kafka in KRaft mode: one process that is broker and controller, fetched once with Maven.

use super::maven::{self, Artifact};
use super::process::{data, port, spawn};
use super::program::run;
use anyhow::Result;
use std::fs;
use std::path::Path;
use tokio::process::{Child, Command};

pub(crate) const VERSION: &str = "4.3.1";

const ARTIFACTS: [Artifact; 3] = [
    ("org.apache.kafka", "kafka_2.13", VERSION),
    ("org.apache.kafka", "kafka-tools", VERSION),
    ("org.slf4j", "slf4j-simple", "1.7.36"),
];

pub(super) async fn start(name: &str) -> Result<(String, Child)> {
    let java = maven::java().await?;
    let data = data(name, "root").await?;
    let libs = maven::fetch("kafka", &ARTIFACTS).await?;
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
