//! A PostgreSQL cluster of the test's own: one that may crash.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sqlx::postgres::PgConnectOptions;

/// Cluster in a temporary directory, stopped and removed on drop.
pub(crate) struct Cluster {
    directory: tempfile::TempDir,
    port: u16,
}

impl Cluster {
    /// initdb and start; `settings` are lines of `postgresql.conf`.
    pub(crate) fn start(settings: &str) -> Self {
        let cluster = Self { directory: directory(), port: free_port() };
        run(cluster.tool("initdb").args(["-U", "postgres", "-A", "trust", "--no-sync"]));
        cluster.configure(&format!(
            "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 60\n\
             shared_buffers = 64MB\nautovacuum = off\ncheckpoint_timeout = 1h\n{settings}\n"
        ));
        cluster.up();
        cluster
    }

    /// A standby of this cluster: its next start is on a port of its own.
    pub(crate) fn standby(&self) -> Self {
        let standby = Self { directory: directory(), port: free_port() };
        let backup = standby.data();
        run(self.client("pg_basebackup").args(["--no-sync", "--checkpoint=fast", "-R", "-D"]).arg(backup));
        standby.configure("");
        standby.up();
        standby
    }

    /// A standby becomes a primary, whatever it has missed.
    pub(crate) fn promote(&self) {
        run(self.tool("pg_ctl").args(["promote", "-w"]));
    }

    /// The database with all that is in it, in another cluster, through pg_dump and pg_restore.
    pub(crate) fn restore_into(&self, other: &Self) {
        self.restore_snapshot_into(other, None);
    }

    /// The same as one of its transactions sees it.
    pub(crate) fn restore_snapshot_into(&self, other: &Self, snapshot: Option<&str>) {
        let dump = self.directory.path().join("database.dump");
        let snapshot = snapshot.map(|snapshot| format!("--snapshot={snapshot}"));
        run(self.client("pg_dump").args(snapshot).args(["-Fc", "-f"]).arg(&dump).arg("postgres"));
        run(other.client("pg_restore").args(["--exit-on-error", "-d", "postgres"]).arg(&dump));
    }

    fn configure(&self, settings: &str) {
        let conf = format!("port = {}\n{settings}\n", self.port);
        let file = self.data().join("conf.new");
        // The data directory is closed to us unless we are root or its owner, and both may write here.
        std::fs::write(&file, conf).unwrap();
        let append = format!("cat {0} >> {1}", file.display(), self.data().join("postgresql.conf").display());
        run(Command::new("sh").args(["-c", &append]));
    }

    pub(crate) fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.port)
            .username("postgres")
            .database("postgres")
    }

    /// The server dies as by a power cut: nothing is flushed.
    pub(crate) fn crash(&self) {
        run(self.tool("pg_ctl").args(["stop", "-m", "immediate", "-w"]));
    }

    /// A clean stop.
    pub(crate) fn stop(&self) {
        run(self.tool("pg_ctl").args(["stop", "-m", "fast", "-w"]));
    }

    pub(crate) fn up(&self) {
        let log = self.data().join("server.log");
        run(self.tool("pg_ctl").args(["start", "-w", "-l"]).arg(log));
    }

    /// The next start is a standby's.
    pub(crate) fn make_standby(&self) {
        std::fs::write(self.data().join("standby.signal"), "").unwrap();
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn tool(&self, name: &str) -> Command {
        let mut command = self.program(name);
        command.arg("-D").arg(self.data());
        command
    }

    /// A client of the server.
    fn client(&self, name: &str) -> Command {
        let mut command = self.program(name);
        command.args(["-h", "127.0.0.1", "-U", "postgres", "-p", &self.port.to_string()]);
        command
    }

    fn program(&self, name: &str) -> Command {
        let mut command = as_postgres(&bin_directory().join(name));
        command.current_dir(self.directory.path());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Best effort: a test may have failed with the server down.
        drop(self.tool("pg_ctl").args(["stop", "-m", "immediate", "-w"]).output());
    }
}

/// `program`, as the postgres user when we are root, whom PostgreSQL's programs refuse.
pub(crate) fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
    command
}

/// A directory that the postgres user can write to.
pub(crate) fn directory() -> tempfile::TempDir {
    let directory = tempfile::Builder::new().prefix("outbox-pg-").tempdir_in("/tmp").unwrap();
    if is_root() {
        run(Command::new("chown").arg("postgres").arg(directory.path()));
    }
    directory
}

pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("`id` runs");
    id.stdout.trim_ascii() == b"0"
}

/// Where initdb is: the newest installed version, or what `pg_config` says.
fn bin_directory() -> PathBuf {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut directories: Vec<_> = installed.map(|entry| entry.path().join("bin")).collect();
    directories.sort();
    if let Ok(Output { stdout, .. }) = Command::new("pg_config").arg("--bindir").output() {
        directories.push(Path::new(String::from_utf8_lossy(&stdout).trim()).to_owned());
    }
    directories
        .into_iter()
        .rev()
        .find(|directory| directory.join("initdb").exists())
        .expect("no initdb in /usr/lib/postgresql/*/bin or `pg_config --bindir`: install the PostgreSQL server")
}

/// Output goes to a file: a pipe would stay open in the server that pg_ctl leaves behind.
fn run(command: &mut Command) {
    let output = tempfile::NamedTempFile::new().unwrap();
    let status = command.stdout(output.reopen().unwrap()).stderr(output.reopen().unwrap()).status();
    let status = status.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {}", std::fs::read_to_string(output.path()).unwrap());
}
