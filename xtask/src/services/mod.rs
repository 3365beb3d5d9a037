//! The three servers: started on free ports under `target/services`, or given by the environment.

mod server;

use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::time::{Duration, Instant};

pub(crate) use server::signal_process;

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

pub(crate) async fn run(action: Action) -> Result<()> {
    match action {
        Action::Up => drop(up().await?),
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
                    Some(url) => match healthy(name, &url).await {
                        Ok(()) => println!("{name}: up, {url}"),
                        Err(e) => println!("{name}: does not answer at {url}: {e:#}"),
                    },
                }
            }
        }
    }
    Ok(())
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

pub(crate) async fn up() -> Result<Vec<(&'static str, String)>> {
    let mut env = Vec::new();
    for name in NAMES {
        if let Some(url) = known(name)? {
            if healthy(name, &url).await.is_ok() {
                env.push((name, url));
                continue;
            }
            if std::env::var(name).is_ok() {
                bail!("{name}={url} does not answer: start that server, or unset {name}");
            }
        }
        let began = Instant::now();
        eprintln!("{name}: starting");
        server::stop(name)?;
        let url = server::start(name)?;
        loop {
            match healthy(name, &url).await {
                Ok(()) => break,
                Err(e) if began.elapsed() > Duration::from_secs(300) => {
                    return Err(e.context(format!("{name} did not start: see {}", dir().display())));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
        std::fs::write(dir().join(name), &url)?;
        eprintln!("{name}: {url} after {:.1} s", began.elapsed().as_secs_f32());
        env.push((name, url));
    }
    Ok(env)
}

pub(crate) fn down() -> Result<()> {
    for name in NAMES {
        server::stop(name)?;
    }
    Ok(())
}

async fn healthy(name: &str, url: &str) -> Result<()> {
    use rdkafka::consumer::{BaseConsumer, Consumer};
    use sqlx::Connection;
    match name {
        "DATABASE_URL" => sqlx::PgConnection::connect(url).await?.close().await?,
        "MARIADB_URL" => sqlx::MySqlConnection::connect(url).await?.close().await?,
        _ => {
            let brokers = url.to_owned();
            tokio::task::spawn_blocking(move || {
                let client: BaseConsumer = rdkafka::ClientConfig::new()
                    .set("bootstrap.servers", brokers)
                    .set_log_level(rdkafka::config::RDKafkaLogLevel::Emerg)
                    .create()?;
                client.fetch_metadata(None, Duration::from_secs(5)).map(drop)
            })
            .await??;
        }
    }
    Ok(())
}
