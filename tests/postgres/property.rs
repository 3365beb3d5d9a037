//! The ring under everything at once: eight writers in all kinds of conflict, a reader that is restarted, pages of 7 and
//! 200 rows, slots emptied in between. Nothing is lost, invented or inverted.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use outbox_runtime::store::{PostgresStore, Store};
use sqlx::{PgConnection, PgPool};

use crate::support::{PATIENCE, Relay, Schema, sql, text};

const WRITERS: u64 = 8;
const KEYS: i64 = 5;
/// As long as it goes on, at least: a long writer is one after a second.
const TIME: Duration = Duration::from_secs(4);
/// What has to have happened by then.
const EVENTS: u64 = 500;
const RESTARTS: u64 = 10;
const EMPTIED: u64 = 10;

/// How a writer waits for its turn at a key.
#[derive(Debug, Clone, Copy)]
enum Conflict {
    RowLock,
    UniqueInsert,
    Serializable,
    AdvisoryLock,
}

const CONFLICTS: [Conflict; 4] =
    [Conflict::RowLock, Conflict::UniqueInsert, Conflict::Serializable, Conflict::AdvisoryLock];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn t16_the_ring_loses_invents_and_inverts_nothing() {
    let schema = Schema::new().await;
    sql(
        &schema.pool,
        "CREATE TABLE counter (key text PRIMARY KEY, n bigint NOT NULL DEFAULT 0);
         CREATE TABLE entry (key text, n bigint, PRIMARY KEY (key, n))",
    )
    .await;
    sqlx::query("INSERT INTO counter (key) SELECT kind || ':' || key FROM generate_series(0, 3) kind, generate_series(1, $1) key")
        .bind(KEYS)
        .execute(&schema.pool)
        .await
        .unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> =
        (0..WRITERS).map(|n| tokio::spawn(write(schema.pool.clone(), n, Arc::clone(&stop)))).collect();
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn(read(schema.pool.clone(), Arc::clone(&done)));
    let start = Instant::now();
    while start.elapsed() < TIME || !COUNTS.are_enough() {
        assert!(start.elapsed() < 2 * PATIENCE, "writers or reader stand still");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    let delivered = reader.await.unwrap();
    let committed: Vec<(String, i64)> = sqlx::query_as(
        "SELECT key, n FROM counter WHERE n > 0 UNION ALL SELECT key, max(n) FROM entry GROUP BY key ORDER BY key",
    )
    .fetch_all(&schema.pool)
    .await
    .unwrap();
    let events: i64 = committed.iter().map(|(_, n)| n).sum();
    println!("{events} events of {} keys: {COUNTS:?}", committed.len());
    for (key, n) in &committed {
        let expected: Vec<i64> = (1..=*n).collect();
        assert_eq!(delivered.get(key), Some(&expected), "{key}: lost, invented or inverted");
    }
    assert_eq!(delivered.len(), committed.len());
    schema.drop().await;
}

/// What the reader has done.
#[derive(Debug)]
struct Counts {
    delivered: AtomicU64,
    restarts: AtomicU64,
    emptied: AtomicU64,
}

static COUNTS: Counts =
    Counts { delivered: AtomicU64::new(0), restarts: AtomicU64::new(0), emptied: AtomicU64::new(0) };

impl Counts {
    fn are_enough(&self) -> bool {
        let Self { delivered, restarts, emptied } = self;
        [(delivered, EVENTS), (restarts, RESTARTS), (emptied, EMPTIED)]
            .iter()
            .all(|(count, enough)| count.load(Ordering::SeqCst) >= *enough)
    }
}

/// Counts keys up in transactions of all shapes, and emits each count.
async fn write(pool: PgPool, seed: u64, stop: Arc<AtomicBool>) {
    let mut random = fastrand::Rng::with_seed(seed);
    while !stop.load(Ordering::SeqCst) {
        let kind = random.usize(..CONFLICTS.len());
        // A conflict is an error for some of them, and takes everything back.
        let _ = transaction(&pool, kind, &mut random).await;
    }
}

async fn transaction(pool: &PgPool, kind: usize, random: &mut fastrand::Rng) -> sqlx::Result<()> {
    let conflict = CONFLICTS[kind];
    let begin = match (conflict, random.u8(..6)) {
        (Conflict::Serializable, _) => "BEGIN ISOLATION LEVEL SERIALIZABLE",
        (Conflict::RowLock, 0) => "BEGIN ISOLATION LEVEL REPEATABLE READ",
        _ => "BEGIN ISOLATION LEVEL READ COMMITTED",
    };
    let mut tx = pool.begin_with(begin).await?;
    if random.u8(..4) == 0 {
        // An early xid: older than those who will have the key before.
        sqlx::query("SELECT pg_current_xact_id()").execute(&mut *tx).await?;
        pause(random, 4).await;
    }
    let savepoint = random.u8(..8) == 0;
    if savepoint {
        sqlx::query("SAVEPOINT s").execute(&mut *tx).await?;
    }
    let key = format!("{kind}:{}", random.i64(1..=KEYS));
    let n = next(&mut tx, conflict, &key).await?;
    sqlx::query("INSERT INTO outbox_log (id, topic, key, headers, payload) VALUES ($1, 't', $2, '', $3)")
        .bind(uuid::Uuid::now_v7())
        .bind(key.as_bytes())
        .bind(n.to_string().into_bytes())
        .execute(&mut *tx)
        .await?;
    match random.u16(..400) {
        // Long enough to be a long writer.
        0 => tokio::time::sleep(Duration::from_millis(1_300)).await,
        1..10 => pause(random, 60).await,
        10..150 => pause(random, 4).await,
        _ => {}
    }
    match random.u8(..10) {
        0 => tx.rollback().await,
        1 if savepoint => {
            sqlx::query("ROLLBACK TO s").execute(&mut *tx).await?;
            tx.commit().await
        }
        _ => tx.commit().await,
    }
}

/// The next number of `key`, once it is this transaction's turn.
async fn next(tx: &mut PgConnection, conflict: Conflict, key: &str) -> sqlx::Result<i64> {
    const UP: &str = "UPDATE counter SET n = n + 1 WHERE key = $1 RETURNING n";
    match conflict {
        Conflict::RowLock | Conflict::Serializable => sqlx::query_scalar(UP).bind(key).fetch_one(tx).await,
        Conflict::UniqueInsert => {
            sqlx::query_scalar(
                "INSERT INTO entry (key, n) SELECT $1, coalesce(max(n), 0) + 1 FROM entry WHERE key = $1 RETURNING n",
            )
            .bind(key)
            .fetch_one(tx)
            .await
        }
        Conflict::AdvisoryLock => {
            sqlx::query("SELECT pg_advisory_xact_lock(hashtext(current_schema() || $1))")
                .bind(key)
                .execute(&mut *tx)
                .await?;
            sqlx::query_scalar(UP).bind(key).fetch_one(tx).await
        }
    }
}

async fn pause(random: &mut fastrand::Rng, ms_max: u64) {
    tokio::time::sleep(Duration::from_micros(random.u64(..ms_max * 1_000))).await;
}

/// First deliveries of each key.
async fn read(pool: PgPool, done: Arc<AtomicBool>) -> HashMap<String, Vec<i64>> {
    let mut random = fastrand::Rng::with_seed(99);
    let mut delivered: HashMap<String, Vec<i64>> = HashMap::new();
    let mut relay = Relay::start(pool.clone()).await;
    let (mut quiet, mut end) = (0, None);
    while quiet < 5 {
        let finished = done.load(Ordering::SeqCst);
        let page = relay.read(if random.bool() { 7 } else { 200 }).await.unwrap();
        quiet = if finished && page.records.is_empty() { quiet + 1 } else { 0 };
        if finished {
            assert!(end.get_or_insert_with(Instant::now).elapsed() < PATIENCE, "there is no end of it");
        }
        // A part of the page may be as far as this relay gets.
        let decided = if random.u8(..10) == 0 { random.usize(..=page.records.len()) } else { page.records.len() };
        for record in page.records.iter().take(decided) {
            let n = text(record.payload.as_ref()).parse().unwrap();
            let seen = delivered.entry(text(record.key.as_ref())).or_default();
            if !seen.contains(&n) {
                seen.push(n);
                COUNTS.delivered.fetch_add(1, Ordering::SeqCst);
            }
        }
        if decided < page.records.len() {
            if let Some(last) = decided.checked_sub(1).and_then(|last| page.records.get(last)) {
                relay.settle_at(PostgresStore::cursor_at(&page.window, last.position)).await.unwrap();
            }
            restart(&mut relay, &pool, random.bool()).await;
        } else if random.u8(..3) > 0 {
            relay.settle().await.unwrap();
        }
        if random.u8(..4) == 0 && relay.make_room().await > 0 {
            COUNTS.emptied.fetch_add(1, Ordering::SeqCst);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    delivered
}

/// What a relay remembers is gone, or its cursor in memory alone.
async fn restart(relay: &mut Relay, pool: &PgPool, all: bool) {
    COUNTS.restarts.fetch_add(1, Ordering::SeqCst);
    if all {
        relay.store.release(&relay.lease).await.unwrap();
        *relay = Relay::start(pool.clone()).await;
    } else {
        relay.reload().await;
    }
}
