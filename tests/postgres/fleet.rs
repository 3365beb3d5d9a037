//! Many logs, several relays: each log has one of them, and what happens to one log does not happen to the others (A6).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use outbox_runtime::Ident;
use outbox_runtime::migrate::migrate_schema;
use outbox_runtime::relay::{Ended, Fleet, Relay, RelayError, RelayState, Status};
use outbox_runtime::sink::MemorySink;
use outbox_runtime::store::{PostgresStore, StoreError};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::support::{PATIENCE, server, sql};

/// Longer than any test may take: what is taken over in time was given back.
const LONG: Duration = Duration::from_secs(600);

/// Logs in schemas of one database; everything in `published` was seen by their sinks, which are shared by the fleets.
struct Logs {
    pool: PgPool,
    schemas: Vec<Ident>,
    sinks: BTreeMap<Ident, MemorySink>,
}

impl Logs {
    async fn new(count: usize) -> Self {
        let pool = PgPoolOptions::new().max_connections(20).connect_with(server()).await.unwrap();
        let base = Uuid::now_v7().simple();
        let schemas: Vec<Ident> = (0..count).map(|n| format!("fleet_{base}_{n}").parse().unwrap()).collect();
        for schema in &schemas {
            migrate_schema(&pool, schema).await.unwrap();
        }
        let sinks = schemas.iter().map(|schema| (schema.clone(), MemorySink::new())).collect();
        Self { pool, schemas, sinks }
    }

    async fn insert(&self, schema: &Ident, range: std::ops::Range<i32>) {
        let text = format!(
            "INSERT INTO {schema}.outbox_log (id, topic, key, headers, payload) \
             SELECT gen_random_uuid(), 't', 'k', '', convert_to(n::text, 'UTF8') FROM generate_series($1, $2 - 1) n"
        );
        let insert = sqlx::query(AssertSqlSafe(text)).bind(range.start).bind(range.end);
        insert.execute(&self.pool).await.unwrap();
    }

    fn published(&self, schema: &Ident) -> Vec<String> {
        let messages = self.sinks[schema].messages();
        messages.iter().map(|it| String::from_utf8(it.payload.clone().unwrap()).unwrap()).collect()
    }

    /// Waits until the log has published the numbers of `range` and nothing else.
    async fn expect(&self, schema: &Ident, range: std::ops::Range<i32>) {
        let (start, wanted) = (Instant::now(), range.map(|n| n.to_string()).collect::<Vec<_>>());
        while self.published(schema).len() < wanted.len() {
            assert!(start.elapsed() < PATIENCE, "{schema}: {:?}", self.published(schema));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(self.published(schema), wanted, "{schema}");
    }

    /// A fleet that relays all of them.
    fn fleet(&self, lease: Duration) -> Running {
        let mut fleet = Fleet::new();
        let mut status = BTreeMap::new();
        for schema in &self.schemas {
            let store = PostgresStore::builder(self.pool.clone()).schema(schema.clone()).build();
            let relay = Relay::builder(store, self.sinks[schema].clone()).lease(lease).build();
            status.insert(schema.clone(), relay.status());
            fleet = fleet.add(schema.as_str(), relay);
        }
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(fleet.run(async move { drop(stopped.await) }));
        Running { stop, task, status }
    }

    async fn drop(self) {
        for schema in &self.schemas {
            sql(&self.pool, format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).await;
        }
    }
}

struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<Vec<Ended>>,
    status: BTreeMap<Ident, watch::Receiver<Status>>,
}

impl Running {
    async fn until(&mut self, schema: &Ident, wanted: impl FnMut(&Status) -> bool) {
        let status = self.status.get_mut(schema).unwrap();
        let waited = tokio::time::timeout(PATIENCE, status.wait_for(wanted)).await;
        drop(waited.expect("in time").expect("the relay runs"));
    }

    async fn stop(self) -> Vec<Ended> {
        drop(self.stop);
        tokio::time::timeout(PATIENCE, self.task).await.expect("in time").expect("no panic")
    }
}

fn is_running(status: &Status) -> bool {
    status.state == RelayState::Running
}

#[tokio::test(flavor = "multi_thread")]
async fn each_log_has_one_relay_and_a_stop_hands_them_over() {
    let logs = Logs::new(3).await;
    let (mut first, second) = (logs.fleet(LONG), logs.fleet(LONG));
    for schema in &logs.schemas {
        logs.insert(schema, 0..50).await;
    }
    for schema in &logs.schemas {
        logs.expect(schema, 0..50).await;
        let owners = [&first, &second].iter().filter(|it| is_running(&it.status[schema].borrow())).count();
        assert_eq!(owners, 1, "{schema} has one relay");
    }
    // All to one, so that there is something to hand over.
    assert!(second.stop().await.iter().all(|ended| ended.result.is_ok()));
    for schema in &logs.schemas {
        first.until(schema, is_running).await;
    }
    let mut third = logs.fleet(LONG);
    for schema in &logs.schemas {
        logs.insert(schema, 50..60).await;
        logs.expect(schema, 0..60).await;
    }
    let began = Instant::now();
    let ended = first.stop().await;
    assert!(ended.len() == 3 && ended.iter().all(|ended| ended.result.is_ok()), "{ended:?}");
    for schema in &logs.schemas {
        third.until(schema, is_running).await;
    }
    println!("three logs were handed over within {:?}", began.elapsed());
    for schema in &logs.schemas {
        logs.insert(schema, 60..70).await;
        logs.expect(schema, 0..70).await;
    }
    third.stop().await;
    logs.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_that_dies_is_followed_when_its_leases_end() {
    let logs = Logs::new(2).await;
    let lease = Duration::from_secs(2);
    let mut first = logs.fleet(lease);
    for schema in &logs.schemas {
        first.until(schema, is_running).await;
    }
    let mut second = logs.fleet(lease);
    let began = Instant::now();
    first.task.abort();
    for schema in &logs.schemas {
        second.until(schema, is_running).await;
        logs.insert(schema, 0..10).await;
        logs.expect(schema, 0..10).await;
    }
    println!("two logs were taken over {:?} after a death, with a lease of {lease:?}", began.elapsed());
    second.stop().await;
    logs.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a6_a_failing_log_ends_alone_and_a_noisy_one_stops_nobody() {
    let logs = Logs::new(4).await;
    let [failing, away, noisy, quiet] = &logs.schemas[..] else { panic!("four logs") };
    sql(&logs.pool, format!("DROP TABLE {failing}.outbox_parked")).await;
    logs.sinks[away].outage(true);
    logs.insert(noisy, 0..20_000).await;
    logs.insert(away, 0..10).await;
    let mut fleet = logs.fleet(LONG);
    fleet.until(away, |status| matches!(status.state, RelayState::Outage { .. })).await;
    for n in 0..10 {
        logs.insert(noisy, 20_000 + n * 1_000..21_000 + n * 1_000).await;
        logs.insert(quiet, n..n + 1).await;
        logs.expect(quiet, 0..n + 1).await;
    }
    logs.expect(noisy, 0..30_000).await;
    logs.sinks[away].outage(false);
    logs.expect(away, 0..10).await;
    let ended = fleet.stop().await;
    let failed: Vec<_> = ended.iter().filter(|ended| ended.result.is_err()).collect();
    let [Ended { log, result: Err(RelayError::Store(StoreError::NotMigrated { .. })) }] = &failed[..] else {
        panic!("one log, for want of a table: {failed:?}");
    };
    assert!(log == failing.as_str() && ended[0].log == *log, "it ended first, by itself: {ended:?}");
    logs.drop().await;
}

/// Nobody is left: the fleet ends, so that its supervisor hears of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_ends_with_its_last_relay() {
    let logs = Logs::new(2).await;
    for schema in &logs.schemas {
        sql(&logs.pool, format!("DROP SCHEMA {schema} CASCADE")).await;
    }
    let Running { stop, task, .. } = logs.fleet(LONG);
    let ended = tokio::time::timeout(PATIENCE, task).await.expect("in time").expect("no panic");
    assert!(ended.len() == 2 && ended.iter().all(|ended| ended.result.is_err()), "{ended:?}");
    drop(stop);
    logs.drop().await;
}
