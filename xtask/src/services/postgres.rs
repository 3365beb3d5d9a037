//! PostgreSQL: the newest that is installed, with settings that the tests need and durability as it is.

use super::process::{data, port, spawn};
use super::program::{as_user, find, run};
use anyhow::Result;
use tokio::process::Child;

const SETTINGS: [&str; 5] = [
    "listen_addresses=127.0.0.1",
    "wal_level=logical",
    "max_connections=200",
    "shared_buffers=512MB",
    "max_wal_size=4GB",
];

pub(super) async fn start(name: &str) -> Result<(String, Child)> {
    let port = port()?;
    let bins: Vec<_> = (14..=19).rev().map(|v| format!("/usr/lib/postgresql/{v}/bin/initdb")).collect();
    let names: Vec<_> = bins.iter().map(String::as_str).collect();
    let initdb = find(&names, &["postgresql"]).await?;
    let data = data(name, "postgres").await?;
    run(as_user("postgres", &initdb).args(["-U", "postgres", "-A", "trust", "--no-sync", "-D"]).arg(&data)).await?;
    let mut server = as_user("postgres", &initdb.with_file_name("postgres"));
    server.arg("-D").arg(&data).arg("-p").arg(port.to_string()).arg("-k").arg(&data);
    for set in SETTINGS {
        server.args(["-c", set]);
    }
    Ok((format!("postgres://postgres@127.0.0.1:{port}/postgres"), spawn(name, &mut server)?))
}
