//! `examples/bank.rs` as a process: killed again and again under load, and stopped politely.

use std::collections::{BTreeMap, HashSet};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::kafka::{self, Received};
use super::postgres::Schema;
use super::{example, http, server};

const TOPIC: &str = "bank.accounts";
const CLIENTS: usize = 64;
const KILL_EVERY: Duration = Duration::from_secs(5);

/// The bank as a child process; killed when dropped.
struct Bank {
    child: Child,
    address: String,
}

impl Bank {
    async fn start(database_url: &str, address: &str) -> Self {
        let child = Command::new(example("bank"))
            .env("DATABASE_URL", database_url)
            .env("KAFKA_BROKERS", server("KAFKA_BROKERS"))
            .env("BANK_ADDR", address)
            .stdout(Stdio::null())
            .spawn()
            .expect("the example `bank` is built");
        let bank = Self { child, address: address.to_owned() };
        let deadline = Instant::now() + Duration::from_secs(30);
        while tokio::net::TcpStream::connect(address).await.is_err() {
            assert!(Instant::now() < deadline, "the bank did not open {address}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bank
    }

    /// SIGKILL.
    fn kill(mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("wait");
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill");
        assert!(status.success());
    }

    /// SIGTERM; the process must leave by itself, with success.
    fn stop(mut self) {
        let status = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill");
        assert!(status.success());
        assert!(self.child.wait().expect("wait").success(), "the bank must drain and exit with 0");
    }
}

impl Drop for Bank {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").to_string()
}

/// Transfers until `deadline`; the number that the bank said it had made.
async fn client(address: String, seed: u64, deadline: Instant) -> u64 {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut made = 0;
    while Instant::now() < deadline {
        let from = random.i64(1..=100);
        let to = 1 + (from + random.i64(0..99)) % 100;
        let transfer = json!({ "from": from, "to": to, "amount": random.i64(1..=5) });
        match http::post(&address, "/transfers", &transfer).await {
            Ok(201) => made += 1,
            Ok(_) => {}
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    made
}

/// Versions of each account in the order of their first delivery, and the number of repeated deliveries.
fn first_deliveries(messages: &[Received]) -> (BTreeMap<i64, Vec<i64>>, usize) {
    let mut seen = HashSet::new();
    let mut versions = BTreeMap::<i64, Vec<i64>>::new();
    for message in messages {
        if seen.insert(message.id.clone().expect("every message has an id")) {
            let event = message.json();
            let account = event["account"].as_i64().expect("account");
            assert_eq!(message.key.as_deref(), Some(account.to_string().as_str()));
            versions.entry(account).or_default().push(event["version"].as_i64().expect("version"));
        }
    }
    (versions, messages.len() - seen.len())
}

/// Waits until the topic holds as many distinct events as were committed, then checks each account.
async fn check(schema: &Schema, from: &[i64], label: &str) -> usize {
    let committed: Vec<(i64, i64)> = sqlx::query_as("SELECT id, version FROM accounts WHERE version > 0 ORDER BY id")
        .fetch_all(&schema.pool)
        .await
        .expect("accounts");
    let total: i64 = committed.iter().map(|(_, version)| version).sum();
    let deadline = Instant::now() + Duration::from_secs(60);
    let (versions, duplicates) = loop {
        let (versions, duplicates) = first_deliveries(&kafka::read(TOPIC, from));
        let published: usize = versions.values().map(Vec::len).sum();
        if published as i64 >= total || Instant::now() > deadline {
            println!("{label}: committed {total}, published {published}, duplicates {duplicates}");
            break (versions, duplicates);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let expected: BTreeMap<i64, Vec<i64>> =
        committed.into_iter().map(|(account, version)| (account, (1..=version).collect())).collect();
    assert_eq!(versions, expected, "each account's events: all committed, none else, in commit order");
    duplicates
}

async fn load(address: &str, duration: Duration) -> Vec<tokio::task::JoinHandle<u64>> {
    let deadline = Instant::now() + duration;
    (0..CLIENTS as u64).map(|seed| tokio::spawn(client(address.to_owned(), seed, deadline))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn bank_loses_nothing_when_killed() {
    let seconds = std::env::var("OUTBOX_TORTURE_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let schema = Schema::new().await;
    kafka::create_topic(TOPIC, 6, &[]).await;
    let _alone = TOPIC_IN_USE.lock().await;
    let from = kafka::ends(TOPIC);
    let address = free_address();
    let mut bank = Bank::start(&schema.url(), &address).await;
    let clients = load(&address, Duration::from_secs(seconds)).await;
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() + KILL_EVERY < end {
        tokio::time::sleep(KILL_EVERY).await;
        bank.kill();
        bank = Bank::start(&schema.url(), &address).await;
    }
    let mut made = 0;
    for client in clients {
        made += client.await.expect("client");
    }
    assert!(made > 0, "no transfer was made");
    check(&schema, &from, "kill -9 every 5 s under 64 clients").await;
    bank.stop();
    assert_eq!(kafka::ends(TOPIC).len(), from.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_drains_without_a_duplicate() {
    let schema = Schema::new().await;
    kafka::create_topic(TOPIC, 6, &[]).await;
    let _alone = TOPIC_IN_USE.lock().await;
    let from = kafka::ends(TOPIC);
    for round in 0..3 {
        let address = free_address();
        let bank = Bank::start(&schema.url(), &address).await;
        let clients = load(&address, Duration::from_millis(1500)).await;
        tokio::time::sleep(Duration::from_millis(1000)).await;
        println!("round {round}: SIGTERM to {} under load", bank.address);
        bank.stop();
        for client in clients {
            client.await.expect("client");
        }
    }
    let bank = Bank::start(&schema.url(), &free_address()).await;
    assert_eq!(check(&schema, &from, "SIGTERM under load").await, 0, "a drain repeats nothing");
    bank.stop();
}

/// Two services share the log. The owner publishes what the other commits; it is paused past its lease in the middle of
/// that, and goes on when the other has taken over; then that one is killed. (Handlers of the paused one would hold their
/// locks, and stop those of the other: no matter of the relay's.)
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_paused_past_its_lease_inverts_nothing() {
    let schema = Schema::new().await;
    kafka::create_topic(TOPIC, 6, &[]).await;
    let _alone = TOPIC_IN_USE.lock().await;
    let from = kafka::ends(TOPIC);
    let (paused, other) = (free_address(), free_address());
    let paused = Bank::start(&schema.url(), &paused).await;
    let mut bank = Bank::start(&schema.url(), &other).await;
    let clients = load(&other, Duration::from_secs(16)).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    paused.signal("-STOP");
    let owner = async || -> i64 {
        sqlx::query_scalar("SELECT epoch FROM outbox_cursor").fetch_one(&schema.pool).await.expect("the cursor")
    };
    let (epoch, deadline) = (owner().await, Instant::now() + Duration::from_secs(30));
    while owner().await == epoch {
        assert!(Instant::now() < deadline, "nobody took over");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    paused.signal("-CONT");
    tokio::time::sleep(Duration::from_secs(2)).await;
    bank.kill();
    bank = Bank::start(&schema.url(), &other).await;
    for client in clients {
        client.await.expect("client");
    }
    check(&schema, &from, "paused past the lease").await;
    paused.stop();
    bank.stop();
}

/// These tests read the topic's new messages, so they take turns.
static TOPIC_IN_USE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
