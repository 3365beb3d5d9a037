//! `cargo xtask test`: the tests between `services up` and `services down`, also after a failure.

use crate::services;
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

/// Runs everything and returns the exit code of the tests; 130 after a signal.
pub(crate) async fn run(args: &[String]) -> anyhow::Result<i32> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let work = async {
        let env = services::up().await?;
        // A group of its own, so that a signal can end the test binaries too.
        let mut child = Command::new("cargo")
            .args(["test", "--workspace", "--all-features"])
            .args(args)
            .envs(env)
            .process_group(0)
            .spawn()?;
        let group = child.id();
        let code = tokio::select! {
            status = child.wait() => status?.code().unwrap_or(1),
            _ = interrupt.recv() => 130,
            _ = terminate.recv() => 130,
        };
        if let Some(group) = group.filter(|_| code == 130) {
            services::signal_process("-TERM", &format!("-{group}"));
            child.wait().await?;
        }
        anyhow::Ok(code)
    };
    let result = work.await;
    services::down()?;
    result
}
