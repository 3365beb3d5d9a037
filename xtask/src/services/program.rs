//! Programs that prepare a server or install one: run to their end, without holding up signals.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tokio::process::Command;

/// Whether this process is root, whom the databases refuse.
pub(super) static ROOT: LazyLock<bool> =
    LazyLock::new(|| std::process::Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout == b"0\n"));

/// `program`, as `user` when this process is root.
pub(super) fn as_user(user: &str, program: &Path) -> Command {
    if !*ROOT {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args([&format!("--reuid={user}"), &format!("--regid={user}"), "--init-groups"]);
    command.arg(program);
    command
}

/// Runs `command`, which ends with this future, and returns what it printed.
pub(super) async fn run(command: &mut Command) -> Result<String> {
    finish(command.kill_on_drop(true)).await
}

async fn finish(command: &mut Command) -> Result<String> {
    let shown = format!("{:?}", command.as_std());
    let out = command.output().await.with_context(|| format!("cannot run {shown}"))?;
    let printed = String::from_utf8_lossy(&out.stdout);
    if !out.status.success() {
        bail!("{shown} failed: {}{printed}", String::from_utf8_lossy(&out.stderr));
    }
    Ok(printed.trim().to_owned())
}

/// The first of `names` that exists, after an installation of `packages` if none does.
pub(super) async fn find(names: &[&str], packages: &[&str]) -> Result<PathBuf> {
    let find = || names.iter().map(PathBuf::from).find(|p| p.exists());
    if let Some(found) = find() {
        return Ok(found);
    }
    eprintln!("installing {}", packages.join(" "));
    let install = async {
        apt(&["update"]).await?;
        apt(&[&["install", "--no-install-recommends"], packages].concat()).await
    };
    install.await.with_context(|| format!("install {} yourself", packages.join(" ")))?;
    find().with_context(|| format!("{names:?} not found after the installation"))
}

/// Left to itself when we are told to stop: an installation cut short is worse than one too many.
async fn apt(args: &[&str]) -> Result<()> {
    let mut command = Command::new(if *ROOT { "env" } else { "sudo" });
    if !*ROOT {
        command.args(["-n", "env"]);
    }
    finish(command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-y"]).args(args)).await.map(drop)
}
