//! A broker of the test's own: one with users and rights, one that is stopped and changed, one on a small disk.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};

/// A Java program on a busy machine takes its time.
const START: Duration = Duration::from_secs(240);

/// Who the broker lets in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Everyone,
    /// SASL/PLAIN, `admin` with the password `admin`, and ACLs for everybody else.
    Users,
}

/// Kafka in a temporary directory, ended with the test.
pub(crate) struct Broker {
    directory: tempfile::TempDir,
    port: u16,
    controller: u16,
    access: Access,
    process: Option<Child>,
}

impl Broker {
    /// Formats and starts; with [`Access::Users`], `users` are names and passwords.
    pub(crate) fn start(access: Access, users: &[(&str, &str)]) -> Self {
        let mut broker = Self::new(access);
        let disk = broker.directory.path().to_owned();
        broker.configure(&disk, users);
        let format = broker.java("kafka.tools.StorageTool").args(broker.format()).output().expect("java runs");
        assert!(format.status.success(), "{}", String::from_utf8_lossy(&format.stderr));
        broker.up();
        broker
    }

    /// On a disk of `bytes` MiB, all but `free` MiB of it taken until [`Broker::make_room`], which also starts the broker
    /// again if it has died.
    pub(crate) fn on_small_disk(mib: u32, free_mib: u32) -> Self {
        let mut broker = Self::new(Access::Everyone);
        let disk = broker.directory.path().join("disk");
        std::fs::create_dir(&disk).expect("a directory");
        broker.configure(&disk, &[]);
        let (disk, ballast_mib) = (disk.display(), mib - free_mib);
        let java = format!("java -Xmx256m -cp '{}/*'", libraries().display());
        let script = format!(
            "set -e
             mount -t tmpfs -o size={mib}m tmpfs {disk}
             {java} kafka.tools.StorageTool format -t {CLUSTER} -c server.properties
             dd if=/dev/zero of={disk}/ballast bs=1M count={ballast_mib}
             {java} kafka.Kafka server.properties || true
             while [ ! -e room ]; do sleep 0.1; done
             rm {disk}/ballast
             exec {java} kafka.Kafka server.properties"
        );
        // A mount of its own: nobody else sees it, and it goes with the broker.
        let mut shell = Command::new("unshare");
        shell.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
        broker.spawn(shell);
        broker.answers();
        broker
    }

    /// Takes away what fills the disk.
    pub(crate) fn make_room(&self) {
        std::fs::write(self.directory.path().join("room"), "").expect("a file");
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A client of the broker's administrator.
    pub(crate) fn admin(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.address());
        if self.access == Access::Users {
            config.set("security.protocol", "SASL_PLAINTEXT").set("sasl.mechanism", "PLAIN");
            config.set("sasl.username", "admin").set("sasl.password", "admin");
        }
        config
    }

    /// Stops it, and starts it with other passwords.
    pub(crate) fn restart(&mut self, users: &[(&str, &str)]) {
        self.end();
        let disk = self.directory.path().to_owned();
        self.configure(&disk, users);
        self.up();
    }

    /// Lets `user` do `operation` on `topic`.
    pub(crate) fn allow(&self, user: &str, operation: &str, topic: &str) {
        self.grant(user, &["--operation", operation, "--topic", topic]);
    }

    /// Rights in the words of Kafka's own program.
    pub(crate) fn grant(&self, user: &str, rights: &[&str]) {
        let client = self.directory.path().join("admin.properties");
        let settings = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n\
            sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
            username=\"admin\" password=\"admin\";\n";
        std::fs::write(&client, settings).expect("a file");
        let (address, user) = (self.address(), format!("User:{user}"));
        let mut acl = self.java("org.apache.kafka.tools.AclCommand");
        acl.args(["--bootstrap-server", &address, "--command-config"]).arg(client).arg("--add");
        acl.args(["--allow-principal", &user]).args(rights);
        let added = acl.output().expect("java runs");
        assert!(
            added.status.success(),
            "{}{}",
            String::from_utf8_lossy(&added.stdout),
            String::from_utf8_lossy(&added.stderr)
        );
    }

    fn new(access: Access) -> Self {
        let directory = tempfile::Builder::new().prefix("outbox-kafka-").tempdir().expect("a directory");
        let port = || std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port();
        Self { directory, port: port(), controller: port(), access, process: None }
    }

    fn configure(&self, disk: &Path, users: &[(&str, &str)]) {
        let (port, controller) = (self.port, self.controller);
        let protocol = if self.access == Access::Users { "SASL_PLAINTEXT" } else { "PLAINTEXT" };
        let mut settings = format!(
            "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:{controller}\n\
             listeners={protocol}://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n\
             controller.listener.names=CONTROLLER\ninter.broker.listener.name={protocol}\n\
             listener.security.protocol.map={protocol}:{protocol},CONTROLLER:PLAINTEXT\nlog.dirs={}/log\n\
             offsets.topic.replication.factor=1\ntransaction.state.log.replication.factor=1\n\
             transaction.state.log.min.isr=1\nshare.coordinator.state.topic.replication.factor=1\n\
             auto.create.topics.enable=false\n",
            disk.display()
        );
        if self.access == Access::Users {
            let all = users.iter().chain(&[("admin", "admin")]);
            let users: String = all.map(|(user, password)| format!(" user_{user}=\"{password}\"")).collect();
            settings += &format!(
                "sasl.enabled.mechanisms=PLAIN\nsasl.mechanism.inter.broker.protocol=PLAIN\n\
                 listener.name.sasl_plaintext.plain.sasl.jaas.config=\
                 org.apache.kafka.common.security.plain.PlainLoginModule required username=\"admin\" password=\"admin\"{users};\n\
                 authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n\
                 super.users=User:admin;User:ANONYMOUS\n"
            );
        }
        std::fs::write(self.properties(), settings).expect("a file");
    }

    fn properties(&self) -> PathBuf {
        self.directory.path().join("server.properties")
    }

    fn format(&self) -> [String; 5] {
        ["format".into(), "-t".into(), CLUSTER.into(), "-c".into(), self.properties().display().to_string()]
    }

    fn java(&self, class: &str) -> Command {
        let mut java = Command::new("java");
        java.args(["-Xmx256m", "-cp"]).arg(libraries().join("*")).arg(class);
        java
    }

    fn up(&mut self) {
        let mut server = self.java("kafka.Kafka");
        server.arg(self.properties());
        self.spawn(server);
        self.answers();
    }

    fn spawn(&mut self, mut command: Command) {
        let log = std::fs::File::options().create(true).append(true).open(self.log()).expect("a log");
        command.current_dir(self.directory.path()).stdin(Stdio::null()).stdout(log.try_clone().expect("a log"));
        self.process = Some(command.stderr(log).process_group(0).spawn().expect("the broker starts"));
    }

    fn log(&self) -> PathBuf {
        self.directory.path().join("server.log")
    }

    fn answers(&self) {
        let began = Instant::now();
        let client: BaseConsumer = self.admin().create().expect("a client");
        while client.fetch_metadata(None, Duration::from_secs(1)).is_err() {
            let log = || std::fs::read_to_string(self.log()).unwrap_or_default();
            assert!(began.elapsed() < START, "the broker does not answer:\n{}", log());
        }
    }

    fn end(&mut self) {
        if let Some(mut process) = self.process.take() {
            let group = format!("-{}", process.id());
            let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
            let _ = process.wait();
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.end();
    }
}

/// Any id: each cluster is alone.
const CLUSTER: &str = "MkU3OEVBNTcwNTJENDM2Qg";

/// Where `cargo xtask services` keeps Kafka's jars.
fn libraries() -> PathBuf {
    let given = std::env::var_os("OUTBOX_SERVICES_DIR").map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|above| above.join("target/services"));
    let mut all = given.into_iter().chain(above).map(|services| services.join("kafka-libs"));
    all.find(|libraries| libraries.join("complete").exists()).expect("Kafka is fetched by `cargo xtask services up`")
}
