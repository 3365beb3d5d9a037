//! The three servers: started on free ports under `target/services`, or given by the environment.

mod health;
mod kafka;
mod mariadb;
pub(crate) mod maven;
mod postgres;
mod process;
mod program;

use crate::signals::Signals;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::time::{Duration, Instant};

pub(crate) use kafka::VERSION as KAFKA;
pub(crate) use process::{port, signal_process};

#[derive(clap::Subcommand)]
pub(crate) enum Action {
    /// Starts what does not run yet.
    Up,
    /// Stops all of them.
    Down,
    /// Prints `export` lines for a shell.
    Env,
    /// Says which of them answer.
    Status,
}

pub(crate) const NAMES: [&str; 3] = ["DATABASE_URL", "MARIADB_URL", "KAFKA_BROKERS"];
/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(300);

/// Names and values, for a process that uses the servers.
pub(crate) type Env = Vec<(&'static str, String)>;

/// Runs `action` and returns the exit code.
pub(crate) async fn run(action: Action) -> Result<i32> {
    match action {
        Action::Up => {
            if up(&NAMES, &mut Signals::new()?).await?.is_none() {
                return Ok(130);
            }
        }
        Action::Down => down()?,
        Action::Env => {
            for name in NAMES {
                let value = known(name)?.context("not up: run `cargo xtask services up`")?;
                println!("export {name}='{value}'");
            }
        }
        Action::Status => {
            for name in NAMES {
                match known(name)? {
                    None => println!("{name}: down"),
                    Some(url) => match health::check(name, &url).await {
                        Ok(()) => println!("{name}: up, {url}"),
                        Err(e) => println!("{name}: does not answer at {url}: {e:#}"),
                    },
                }
            }
        }
    }
    Ok(0)
}

pub(crate) fn dir() -> PathBuf {
    std::env::var_os("OUTBOX_SERVICES_DIR")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/services")), PathBuf::from)
}

/// Where a server is: given by the environment, or started by an earlier `up`.
fn known(name: &str) -> Result<Option<String>> {
    if let Ok(given) = std::env::var(name) {
        return Ok(Some(given));
    }
    match std::fs::read_to_string(dir().join(name)) {
        Ok(url) => Ok(Some(url)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// Starts what does not run; `None` after a signal. Unless all of them are up, what it started is stopped again.
pub(crate) async fn up(names: &[&'static str], signals: &mut Signals) -> Result<Option<Env>> {
    let mut started = Vec::new();
    let result = tokio::select! {
        env = start_missing(names, &mut started) => env.map(Some),
        () = signals.received() => Ok(None),
    };
    if !matches!(result, Ok(Some(_))) {
        for name in started {
            process::stop(name)?;
        }
    }
    result
}

async fn start_missing(names: &[&'static str], started: &mut Vec<&'static str>) -> Result<Env> {
    let mut env = Vec::new();
    for &name in names {
        if let Some(url) = known(name)? {
            if health::check(name, &url).await.is_ok() {
                env.push((name, url));
                continue;
            }
            if std::env::var(name).is_ok() {
                bail!("{name}={url} does not answer: start that server, or unset {name}");
            }
        }
        let began = Instant::now();
        eprintln!("{name}: starting");
        process::stop(name)?;
        started.push(name);
        let (url, mut server) = match name {
            "DATABASE_URL" => postgres::start(name).await?,
            "MARIADB_URL" => mariadb::start(name).await?,
            _ => kafka::start(name).await?,
        };
        while let Err(e) = health::check(name, &url).await {
            if let Some(status) = server.try_wait()? {
                bail!("{name} ended while it started ({status}); its last words:\n{}", process::last_words(name));
            }
            if began.elapsed() > PATIENCE {
                return Err(
                    e.context(format!("{name} does not answer; its last words:\n{}", process::last_words(name)))
                );
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        std::fs::write(dir().join(name), &url)?;
        eprintln!("{name}: {url} after {:.1} s", began.elapsed().as_secs_f32());
        env.push((name, url));
    }
    Ok(env)
}

/// PgBouncer is started by the tests themselves, each its own; it is made sure here that there is one.
pub(crate) async fn install_pgbouncer() -> Result<()> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&path).any(|directory| directory.join("pgbouncer").exists()) {
        return Ok(());
    }
    program::find(&["/usr/sbin/pgbouncer"], &["pgbouncer"]).await.map(drop)
}

pub(crate) fn down() -> Result<()> {
    for name in NAMES {
        process::stop(name)?;
    }
    Ok(())
}
