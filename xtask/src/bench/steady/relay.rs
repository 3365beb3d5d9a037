//! The relay as its users run it: the program `outbox`.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::process::{Child, Command};

use crate::bench::context::Bench;
use crate::bench::{database, root};
use crate::services::signal_process;

/// A running `outbox relay`; killed when dropped.
pub(in crate::bench) struct RelayProcess {
    child: Child,
    pid: u32,
    /// As the database knows it.
    pub(in crate::bench) name: String,
}

impl RelayProcess {
    /// Relays the log in `schema`.
    pub(in crate::bench) fn start(
        bench: &Bench,
        program: &Path,
        schema: &str,
        name: &str,
        lease_seconds: f64,
    ) -> Result<Self> {
        let directory = root().join("target/bench");
        std::fs::create_dir_all(&directory)?;
        let log = std::fs::File::create(directory.join(format!("{name}.log")))?;
        let name = format!("{}_{name}", bench.prefix);
        let child = Command::new(program)
            .arg("relay")
            .args(["--lease-seconds", &lease_seconds.to_string()])
            .env("DATABASE_URL", database::url_of(&bench.database, schema, &name))
            .env("KAFKA_BROKERS", &bench.brokers)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let pid = child.id().context("a process that was just started has an id")?;
        Ok(Self { child, pid, name })
    }

    /// Fails when it does not run any more.
    pub(in crate::bench) fn check(&mut self) -> Result<()> {
        let ended = self.child.try_wait()?;
        ensure!(ended.is_none(), "{} has ended: {ended:?}; see target/bench/relay-*.log", self.name);
        Ok(())
    }

    /// MiB of memory: now, and the most so far.
    pub(in crate::bench) fn memory(&self) -> Result<(f64, f64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid))
            .context("memory is read from Linux's /proc")?;
        let value = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.split_whitespace().next()?.parse::<f64>().ok()? / 1_024.0)
        };
        Ok((value("VmRSS:").context("no VmRSS")?, value("VmHWM:").context("no VmHWM")?))
    }

    /// An orderly stop.
    pub(in crate::bench) async fn stop(mut self) -> Result<()> {
        signal_process("-TERM", &self.pid.to_string());
        let status = self.child.wait().await?;
        ensure!(status.success(), "{} has ended with {status}; see target/bench/relay-*.log", self.name);
        Ok(())
    }

    /// No stop at all.
    pub(in crate::bench) async fn kill(mut self) -> Result<()> {
        self.child.kill().await?;
        Ok(())
    }
}
