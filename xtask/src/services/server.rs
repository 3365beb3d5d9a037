//! One server as a process: data, start, pid file, stop.

use super::dir;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout == b"0\n")
}

/// `program`, as `user` when this process is root (the databases refuse root).
fn as_user(user: &str, program: &Path) -> Command {
    if !root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args([&format!("--reuid={user}"), &format!("--regid={user}"), "--init-groups"]);
    command.arg(program);
    command
}

fn run(command: &mut Command) -> Result<String> {
    let out = command.output().with_context(|| format!("cannot run {command:?}"))?;
    if !out.status.success() {
        let err = String::from_utf8_lossy(&out.stderr);
        bail!("{command:?} failed: {err}{}", String::from_utf8_lossy(&out.stdout));
    }
    Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

fn port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn program(names: &[&str], packages: &[&str]) -> Result<PathBuf> {
    let find = || names.iter().map(PathBuf::from).find(|p| p.exists());
    if let Some(found) = find() {
        return Ok(found);
    }
    eprintln!("installing {}", packages.join(" "));
    let apt = |args: &[&str]| {
        let mut command = Command::new(if root() { "env" } else { "sudo" });
        if !root() {
            command.args(["-n", "env"]);
        }
        run(command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-y"]).args(args))
    };
    apt(&["update"])
        .and_then(|_| apt(&[&["install", "--no-install-recommends"], packages].concat()))
        .with_context(|| format!("install {} yourself", packages.join(" ")))?;
    find().with_context(|| format!("{names:?} not found after the installation"))
}

/// An empty data directory that belongs to `user`, who must be able to reach it.
fn data(name: &str, user: &str) -> Result<PathBuf> {
    fs::create_dir_all(dir())?;
    let data = dir().canonicalize()?.join(format!("{name}.data"));
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    fs::create_dir(&data)?;
    if root() && user != "root" {
        run(Command::new("chown").arg(format!("{user}:")).arg(&data))?;
        run(as_user(user, Path::new("test")).arg("-x").arg(&data))
            .with_context(|| format!("user {user} cannot enter {}: set OUTBOX_SERVICES_DIR", data.display()))?;
    }
    Ok(data)
}

fn spawn(name: &str, command: &mut Command) -> Result<()> {
    let log = File::create(dir().join(format!("{name}.log")))?;
    let child = command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .process_group(0) // a Ctrl-C in the terminal is for us, not for the server
        .spawn()
        .with_context(|| format!("cannot start {command:?}"))?;
    fs::write(dir().join(format!("{name}.pid")), child.id().to_string())?;
    Ok(())
}

pub(super) fn start(name: &str) -> Result<String> {
    let p = port()?;
    match name {
        "DATABASE_URL" => {
            let bins: Vec<_> = (14..=19).rev().map(|v| format!("/usr/lib/postgresql/{v}/bin/initdb")).collect();
            let names: Vec<_> = bins.iter().map(String::as_str).collect();
            let initdb = program(&names, &["postgresql"])?;
            let data = data(name, "postgres")?;
            run(as_user("postgres", &initdb).args(["-U", "postgres", "-A", "trust", "--no-sync", "-D"]).arg(&data))?;
            let mut server = as_user("postgres", &initdb.with_file_name("postgres"));
            server.arg("-D").arg(&data).arg("-p").arg(p.to_string()).arg("-k").arg(&data);
            for set in [
                "listen_addresses=127.0.0.1",
                "wal_level=logical",
                "max_connections=200",
                "shared_buffers=512MB",
                "max_wal_size=4GB",
            ] {
                server.args(["-c", set]);
            }
            spawn(name, &mut server)?;
            Ok(format!("postgres://postgres@127.0.0.1:{p}/postgres"))
        }
        "MARIADB_URL" => {
            let mariadbd = program(&["/usr/sbin/mariadbd"], &["mariadb-server"])?;
            let data = data(name, "mysql")?;
            let at = format!("--datadir={}", data.display());
            let mut install = as_user("mysql", Path::new("mariadb-install-db"));
            run(install.args(["--no-defaults", &at, "--auth-root-authentication-method=normal", "--skip-test-db"]))?;
            spawn(
                name,
                as_user("mysql", &mariadbd).args([
                    "--no-defaults",
                    &at,
                    &format!("--port={p}"),
                    "--bind-address=127.0.0.1",
                    &format!("--socket={}/s", data.display()),
                    "--log-bin",
                    "--binlog-format=ROW",
                    "--server-id=1",
                ]),
            )?;
            Ok(format!("mysql://root@127.0.0.1:{p}/mysql"))
        }
        _ => kafka(name, p),
    }
}

fn kafka(name: &str, p: u16) -> Result<String> {
    let java = program(&["/usr/bin/java"], &["openjdk-17-jre-headless"])?;
    let data = data(name, "root")?;
    let libs = dir().canonicalize()?.join("kafka-libs");
    if !libs.join("complete").exists() {
        let mvn = program(&["/usr/bin/mvn"], &["maven"])?;
        eprintln!("fetching Apache Kafka 4.3.1");
        let dep = |g: &str, a: &str, v: &str| {
            format!("<dependency><groupId>{g}</groupId><artifactId>{a}</artifactId><version>{v}</version></dependency>")
        };
        let k = "org.apache.kafka";
        fs::write(
            data.join("pom.xml"),
            format!(
                "<project><modelVersion>4.0.0</modelVersion><groupId>outbox</groupId><artifactId>kafka</artifactId><version>1</version><dependencies>{}{}{}</dependencies></project>",
                dep(k, "kafka_2.13", "4.3.1"),
                dep(k, "kafka-tools", "4.3.1"),
                dep("org.slf4j", "slf4j-simple", "1.7.36")
            ),
        )?;
        run(Command::new(mvn).current_dir(&data).args([
            "-q",
            "-B",
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
            &format!("-DoutputDirectory={}", libs.display()),
        ]))?;
        File::create(libs.join("complete"))?;
    }
    let controller = port()?;
    let config = data.join("server.properties");
    fs::write(
        &config,
        format!(
            "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:{controller}\nlisteners=PLAINTEXT://127.0.0.1:{p},CONTROLLER://127.0.0.1:{controller}\ncontroller.listener.names=CONTROLLER\nlistener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\nlog.dirs={}/log\noffsets.topic.replication.factor=1\ntransaction.state.log.replication.factor=1\ntransaction.state.log.min.isr=1\nshare.coordinator.state.topic.replication.factor=1\ngroup.initial.rebalance.delay.ms=0\noffsets.topic.num.partitions=4\ntransaction.state.log.num.partitions=4\nauto.create.topics.enable=false\n",
            data.display()
        ),
    )?;
    let cp = format!("{}/*", libs.display());
    let id = run(Command::new(&java).args(["-cp", &cp, "kafka.tools.StorageTool", "random-uuid"]))?;
    run(Command::new(&java).args(["-cp", &cp, "kafka.tools.StorageTool", "format", "-t", &id, "-c"]).arg(&config))?;
    spawn(name, Command::new(&java).args(["-Xms512m", "-Xmx512m", "-cp", &cp, "kafka.Kafka"]).arg(&config))?;
    Ok(format!("127.0.0.1:{p}"))
}

/// Sends a signal to a process or, with a leading minus, to a process group.
pub(crate) fn signal_process(signal: &str, pid: &str) -> bool {
    Command::new("kill").args([signal, "--", pid]).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
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
