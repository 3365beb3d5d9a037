//! MariaDB, with a row-based binary log.

use super::process::{data, port, spawn};
use super::program::{as_user, find, run};
use anyhow::Result;
use std::path::Path;
use tokio::process::Child;

pub(super) async fn start(name: &str) -> Result<(String, Child)> {
    let port = port()?;
    let mariadbd = find(&["/usr/sbin/mariadbd"], &["mariadb-server"]).await?;
    let data = data(name, "mysql").await?;
    let at = format!("--datadir={}", data.display());
    let mut install = as_user("mysql", Path::new("mariadb-install-db"));
    run(install.args(["--no-defaults", &at, "--auth-root-authentication-method=normal", "--skip-test-db"])).await?;
    let server = spawn(
        name,
        as_user("mysql", &mariadbd).args([
            "--no-defaults",
            &at,
            &format!("--port={port}"),
            "--bind-address=127.0.0.1",
            &format!("--socket={}/s", data.display()),
            "--log-bin",
            "--binlog-format=ROW",
            "--server-id=1",
        ]),
    )?;
    Ok((format!("mysql://root@127.0.0.1:{port}/mysql"), server))
}
