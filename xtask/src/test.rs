//! `cargo xtask test`: the tests between `services up` and `services down`, also after a failure.

use crate::services;
use crate::signals::Signals;
use anyhow::Result;
use tokio::process::Command;

/// Runs everything and returns the exit code of the tests; 130 after a signal.
pub(crate) async fn run(args: &[String]) -> Result<i32> {
    let mut signals = Signals::new()?;
    let result = work(args, &mut signals).await;
    services::down()?;
    result
}

async fn work(args: &[String], signals: &mut Signals) -> Result<i32> {
    let Some(env) = services::up(&services::NAMES, signals).await? else { return Ok(130) };
    services::install_pgbouncer().await?;
    // A group of its own, so that a signal can end the test binaries too.
    let mut child = Command::new("cargo")
        .args(["test", "--workspace", "--all-features"])
        .args(args)
        .envs(env)
        .process_group(0)
        .spawn()?;
    let group = child.id();
    tokio::select! {
        status = child.wait() => return Ok(status?.code().unwrap_or(1)),
        () = signals.received() => {}
    }
    if let Some(group) = group {
        services::signal_process("-TERM", &format!("-{group}"));
        child.wait().await?;
    }
    Ok(130)
}
