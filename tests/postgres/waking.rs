//! T15: wake-up across processes, by a NOTIFY after the commit; a hint, without which everything works as well.

use std::process::Command;
use std::time::{Duration, Instant};

use outbox::store::{Listener, PostgresStore, Store};
use outbox::wake::{self, Announcer};
use outbox::{Event, Ident, emit, transactional_event};
use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgPoolOptions};
use uuid::Uuid;

use crate::support::{LEASE, PATIENCE, Schema, insert, server, sql};

#[derive(serde::Serialize, Event)]
#[event(name = "test.noted", version = 1, topic = "notes")]
struct Noted {
    number: i64,
}

#[transactional_event(tx = pool)]
async fn note(pool: &PgPool, number: i64) -> Result<(), sqlx::Error> {
    emit!(Noted { number });
    Ok(())
}

/// Tells of commits again and again while `store` waits; whether it was woken.
async fn is_woken(store: &PostgresStore, patience: Duration) -> bool {
    let telling = async {
        loop {
            wake::notify();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waiting = tokio::time::timeout(patience, store.wait());
    tokio::select! {
        waited = waiting => waited.is_ok(),
        () = telling => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t15_a_commit_in_another_process_is_heard_at_once() {
    const WRITER: &str = "OUTBOX_TEST_WRITER";
    if let Ok(schema) = std::env::var(WRITER) {
        let options = server().options([("search_path", schema.as_str())]);
        let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await.unwrap();
        let _announcer = Announcer::start(&pool);
        note(&pool, 1).await.unwrap();
        // The process lives on for as long as the hint takes, and the parent ends it.
        tokio::time::sleep(PATIENCE).await;
        return;
    }
    let schema = Schema::new().await;
    let listener = Listener::start(schema.options.clone());
    let store = PostgresStore::builder(schema.pool.clone()).listener(&listener).build();
    store.acquire(Uuid::now_v7(), LEASE).await.unwrap();
    listening(&schema.pool).await;
    let test = "waking::t15_a_commit_in_another_process_is_heard_at_once";
    let mut writer = Command::new(std::env::current_exe().unwrap());
    let mut writer = writer.args(["--exact", test]).env(WRITER, schema.name()).spawn().unwrap();
    let woken = tokio::time::timeout(PATIENCE, store.wait()).await;
    writer.kill().unwrap();
    writer.wait().unwrap();
    woken.expect("a hint; nothing else ends the wait");
    let mut relay = schema.relay_of(store).await;
    assert_eq!(relay.deliver().await, [r#"{"number":1}"#], "after the commit, not before");
    schema.drop().await;
}

/// Waits until some session of the schema listens.
async fn listening(pool: &PgPool) {
    let start = Instant::now();
    let text = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()";
    while sqlx::query_scalar::<_, i64>(text).fetch_one(pool).await.unwrap() == 0 {
        assert!(start.elapsed() < PATIENCE, "the listener connects");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hints_are_for_the_log_that_was_written() {
    let (one, two) = (Schema::new().await, Schema::new().await);
    let listener = Listener::start(server());
    let store = |schema: &Schema| {
        let name: Ident = schema.name().parse().unwrap();
        PostgresStore::builder(schema.pool.clone()).schema(name).listener(&listener).build()
    };
    let (heard, unheard) = (store(&one), store(&two));
    for store in [&heard, &unheard] {
        store.acquire(Uuid::now_v7(), LEASE).await.unwrap();
    }
    let _announcer = Announcer::of_schemas(&one.pool, [one.name().parse::<Ident>().unwrap()]);
    assert!(is_woken(&heard, PATIENCE).await);
    assert!(!is_woken(&unheard, Duration::from_millis(500)).await, "it has nothing to read");
    assert!(is_woken(&heard, PATIENCE).await, "and once more");
    one.drop().await;
    two.drop().await;
}

/// The connections of both sides are cut: they come back, and meanwhile the relay polls.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_costs_nothing_but_time() {
    let schema = Schema::new().await;
    let name = format!("listener {}", schema.name());
    let options = schema.options.clone().application_name(&name);
    let listener = Listener::start(options.clone());
    let store = PostgresStore::builder(schema.pool.clone()).listener(&listener).build();
    store.acquire(Uuid::now_v7(), LEASE).await.unwrap();
    let announcing = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let _announcer = Announcer::start(&announcing);
    for _ in 0..3 {
        assert!(is_woken(&store, PATIENCE).await);
        let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'");
        sql(&schema.pool, cut).await;
        insert(&schema.pool, "k", "polled").await;
    }
    let mut relay = schema.relay_of(store).await;
    assert_eq!(relay.deliver().await.len(), 3);
    schema.drop().await;
}

/// A thousand commits are told in a few dozen transactions, none of which is a user's.
#[tokio::test(flavor = "multi_thread")]
async fn t15_many_commits_are_told_together() {
    let schema = Schema::new().await;
    let mut listener = PgListener::connect_with(&schema.pool).await.unwrap();
    listener.listen("outbox").await.unwrap();
    let log: i64 =
        sqlx::query_scalar("SELECT 'outbox_log'::regclass::oid::bigint").fetch_one(&schema.pool).await.unwrap();
    let _announcer = Announcer::start(&schema.pool);
    tokio::task::yield_now().await;
    let began = Instant::now();
    for _ in 0..1_000 {
        wake::notify();
        tokio::time::sleep(Duration::from_micros(100)).await;
    }
    let took = began.elapsed();
    let mut told = 0;
    while let Ok(hint) = tokio::time::timeout(Duration::from_millis(500), listener.recv()).await {
        // Other tests tell of their logs.
        told += u128::from(hint.unwrap().payload() == log.to_string());
    }
    // The pool closes when its last connection is back.
    drop(listener);
    assert!(told >= 1 && told <= took.as_millis() / 10 + 2, "{told} in {took:?}");
    schema.drop().await;
}
