//! T22: the suite through a real PgBouncer in transaction mode, with so few servers behind it that clients share them.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use outbox_runtime::migrate::migrate_schema;
use outbox_runtime::store::{PostgresStore, Store as _};
use outbox_runtime::transaction::{AsTx as _, in_schema};
use outbox_runtime::{Error, Ident, Record};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool};
use tempfile::TempDir;
use uuid::Uuid;

use crate::conformance::conformance;
use crate::harness::{Harness, notes};
use crate::postgres::Postgres;
use crate::relay::{LEASE, PATIENCE, Relay, taken, texts};

/// PgBouncer in front of the server of `DATABASE_URL`; killed with its value.
struct Pooler {
    process: Child,
    port: u16,
    _directory: TempDir,
}

impl Pooler {
    async fn start(servers: usize) -> Self {
        let directory = tempfile::Builder::new().prefix("outbox-pgb-").tempdir_in("/tmp").expect("a directory");
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port();
        let server = Postgres::server();
        let (host, at) = (server.get_host(), server.get_port());
        let users = directory.path().join("users.txt");
        std::fs::write(&users, format!("\"{}\" \"\"\n", server.get_username())).expect("a file");
        let ini = directory.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host={host} port={at}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = trust\nauth_file = {}\npool_mode = transaction\n\
             default_pool_size = {servers}\nmax_client_conn = 200\nignore_startup_parameters = extra_float_digits\n",
            users.display()
        );
        std::fs::write(&ini, text).expect("a file");
        let mut command = as_postgres("pgbouncer");
        let process = command.arg(&ini).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let process = process.expect("no pgbouncer: install the package, or run `cargo xtask test`");
        let pooler = Self { process, port, _directory: directory };
        let began = Instant::now();
        while let Err(error) = PgConnection::connect_with(&pooler.options()).await {
            assert!(began.elapsed() < PATIENCE, "PgBouncer answers: {error}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        pooler
    }

    fn options(&self) -> PgConnectOptions {
        let server = Postgres::server();
        let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(self.port);
        options.username(server.get_username()).database(server.get_database().unwrap_or("postgres"))
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// PgBouncer refuses root, and PATH may not have `/usr/sbin`.
fn as_postgres(program: &str) -> Command {
    let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
    let id = Command::new("id").arg("-u").output().expect("`id` runs");
    let mut command = match id.stdout.trim_ascii() {
        b"0" => {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", program]);
            command
        }
        _ => Command::new(program),
    };
    command.env("PATH", path);
    command
}

/// A log behind PgBouncer. The surroundings (appending, counting) go to the server itself.
pub(crate) struct Pooled {
    pooler: Pooler,
    pool: PgPool,
    direct: PgPool,
    schema: Ident,
}

conformance!(Pooled);

impl Pooled {
    async fn count(&self, what: &str) -> Vec<i64> {
        let text = format!("SELECT position FROM \"{}\".{what} ORDER BY position", self.schema);
        sqlx::query_scalar(AssertSqlSafe(text)).fetch_all(&self.direct).await.expect("a table")
    }
}

impl Harness for Pooled {
    type Store = PostgresStore;

    async fn new() -> Self {
        let pooler = Pooler::start(2).await;
        let pool = PgPoolOptions::new().max_connections(10).connect_with(pooler.options()).await.expect("PgBouncer");
        let direct =
            PgPoolOptions::new().max_connections(4).connect_with(Postgres::server()).await.expect("PostgreSQL");
        let schema = format!("pooled_{}", Uuid::now_v7().simple()).parse().expect("a valid name");
        migrate_schema(&pool, &schema).await.expect("through PgBouncer as well");
        Self { pooler, pool, direct, schema }
    }

    fn store(&self) -> PostgresStore {
        PostgresStore::builder(self.pool.clone()).schema(self.schema.clone()).transaction_pooler(true).build()
    }

    async fn append(&self, records: Vec<Record>) {
        let mut tx = self.direct.begin().await.expect("a transaction");
        in_schema(&mut tx, &self.schema).__outbox_insert(Ok::<_, Error>(records)).await.expect("an insert");
        tx.commit().await.expect("a commit");
    }

    async fn rows(&self) -> usize {
        self.count("outbox_log").await.len()
    }

    async fn skipped(&self) -> Vec<i64> {
        self.count("outbox_skipped").await
    }

    async fn finish(self) {
        let text = format!("DROP SCHEMA \"{}\" CASCADE", self.schema);
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&self.direct).await.expect("dropped");
        self.pool.close().await;
        drop(self.pooler);
    }
}

/// Several relays of several logs on two servers: statements of one do not end up between those of another.
#[tokio::test(flavor = "multi_thread")]
async fn t22_relays_share_the_servers_of_a_transaction_pooler() {
    let log = Pooled::new().await;
    let mut relays = tokio::task::JoinSet::new();
    let mut schemas = Vec::new();
    for number in 0..4 {
        let schema: Ident = format!("{}_{number}", log.schema).parse().expect("a valid name");
        migrate_schema(&log.pool, &schema).await.expect("a log");
        schemas.push(schema.clone());
        let store = PostgresStore::builder(log.pool.clone()).schema(schema.clone()).transaction_pooler(true).build();
        let direct = log.direct.clone();
        relays.spawn(async move {
            let lease = taken(&store, Uuid::now_v7(), LEASE).await;
            let cursor = store.load(&lease).await.expect("ours").cursor;
            let mut relay = Relay { store, lease, cursor, parked: vec![] };
            let mut all = Vec::new();
            for round in 0..20 {
                let mut tx = direct.begin().await.expect("a transaction");
                let rows = Ok::<_, Error>(notes(round * 5..round * 5 + 5));
                in_schema(&mut tx, &schema).__outbox_insert(rows).await.expect("an insert");
                tx.commit().await.expect("a commit");
                all.extend(texts(&relay.read_all(5, 3).await));
                relay.settle().await;
                relay.store.renew(&relay.lease, LEASE).await.expect("ours");
            }
            assert_eq!(all, crate::relay::numbers(0..100));
            assert_eq!(relay.make_room().await.iter().sum::<u64>(), 100);
        });
    }
    while let Some(done) = relays.join_next().await {
        done.expect("no relay saw another one's statements");
    }
    for schema in schemas {
        let text = format!("DROP SCHEMA \"{schema}\" CASCADE");
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&log.direct).await.expect("dropped");
    }
    log.finish().await;
}

/// What the setting is for: sqlx gives statements names, which are the server's and not the client's. PgBouncer keeps them
/// apart from 1.21 on if `max_prepared_statements` says so, which it does by default from 1.24 on.
#[tokio::test(flavor = "multi_thread")]
async fn t22_named_statements_collide_behind_an_old_pooler() {
    let pooler = Pooler::start(1).await;
    let version = as_postgres("pgbouncer").arg("--version").output().expect("it runs").stdout;
    let version = String::from_utf8_lossy(&version).into_owned();
    let minor = version.split_once("PgBouncer 1.").and_then(|(_, rest)| rest.split('.').next()?.parse::<u32>().ok());
    let keeps_them_apart = minor.expect(&version) >= 24;
    for cache in [100, 0] {
        let options = pooler.options().statement_cache_capacity(cache);
        let mut one = PgConnection::connect_with(&options).await.expect("PgBouncer");
        let mut two = PgConnection::connect_with(&options).await.expect("PgBouncer");
        let (mut fails, mut texts) = (false, 0);
        for conn in [&mut one, &mut two] {
            texts += 1;
            let text = AssertSqlSafe(format!("SELECT {cache} + {texts}"));
            fails |= sqlx::query_scalar::<_, i32>(text).fetch_one(conn).await.is_err();
        }
        assert_eq!(fails, !keeps_them_apart, "{version} with a cache of {cache} statements");
    }
}
