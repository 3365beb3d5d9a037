//! One server as a process: data, start, pid file, log, stop.

use super::dir;
use super::program::{ROOT, as_user, run};
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command as Kill, Stdio};
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// Lines of a server's log that are shown when it does not start.
const LAST_WORDS: usize = 20;

pub(crate) fn port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// An empty data directory that belongs to `user`, who must be able to reach it.
pub(super) async fn data(name: &str, user: &str) -> Result<PathBuf> {
    fs::create_dir_all(dir())?;
    let data = dir().canonicalize()?.join(format!("{name}.data"));
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    fs::create_dir(&data)?;
    if *ROOT && user != "root" {
        run(Command::new("chown").arg(format!("{user}:")).arg(&data)).await?;
        run(as_user(user, Path::new("test")).arg("-x").arg(&data))
            .await
            .with_context(|| format!("user {user} cannot enter {}: set OUTBOX_SERVICES_DIR", data.display()))?;
    }
    Ok(data)
}

/// Starts the server itself. It lives on when the handle goes.
pub(super) fn spawn(name: &str, command: &mut Command) -> Result<Child> {
    let log = File::create(dir().join(format!("{name}.log")))?;
    let child = command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .process_group(0) // a Ctrl-C in the terminal is for us, not for the server
        .spawn()
        .with_context(|| format!("cannot start {:?}", command.as_std()))?;
    let pid = child.id().context("a process that was just started has an id")?;
    fs::write(dir().join(format!("{name}.pid")), pid.to_string())?;
    Ok(child)
}

/// The end of a server's log, and where the rest is.
pub(super) fn last_words(name: &str) -> String {
    let path = dir().join(format!("{name}.log"));
    let text = fs::read(&path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    let last = lines.len().saturating_sub(LAST_WORDS);
    format!("{}\n(all of it: {})", lines.get(last..).unwrap_or_default().join("\n"), path.display())
}

/// Sends a signal to a process or, with a leading minus, to a process group.
pub(crate) fn signal_process(signal: &str, pid: &str) -> bool {
    Kill::new("kill").args([signal, "--", pid]).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}

/// Whether `pid` still runs one of our servers: a pid may have been reused, a zombie has ended.
fn alive(pid: &str) -> bool {
    let text = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    dir().canonicalize().is_ok_and(|d| String::from_utf8_lossy(&text).contains(&*d.to_string_lossy()))
}

pub(super) fn stop(name: &str) -> Result<()> {
    let file = dir().join(format!("{name}.pid"));
    if let Ok(pid) = fs::read_to_string(&file) {
        let began = Instant::now();
        if alive(&pid) {
            // PostgreSQL: SIGINT is the fast shutdown, SIGTERM waits for its clients.
            signal_process(if name == "DATABASE_URL" { "-INT" } else { "-TERM" }, &pid);
        }
        while alive(&pid) {
            if began.elapsed() > Duration::from_secs(30) {
                signal_process("-KILL", &pid);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        fs::remove_file(file)?;
    }
    match fs::remove_file(dir().join(name)) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
        _ => Ok(()),
    }
}
