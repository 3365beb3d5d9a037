//! What only a cluster of the test's own can show: crashes (R4, S4), a standby (R5), xids in peace (T17).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use outbox_runtime::store::{Acquired, PostgresStore, Settle, Store, StoreError};
use sqlx::PgPool;
use uuid::Uuid;

use crate::cluster::Cluster;
use crate::support::{LEASE, PATIENCE, Relay, Schema, insert, payloads, sql, text};

/// R4: xids that were never flushed are handed out again after a crash; a snapshot in memory takes them for old.
#[tokio::test(flavor = "multi_thread")]
async fn r4_a_snapshot_in_memory_does_not_survive_a_crash() {
    let cluster = Cluster::start("wal_writer_delay = 10s");
    let schema = Schema::on(cluster.options()).await;
    let mut relay = schema.relay().await;
    insert(&schema.pool, "k", "before").await;
    assert_eq!(relay.deliver().await, ["before"]);
    // Full pages of WAL are flushed at once: what follows fits on a fresh one.
    sql(&schema.pool, "SELECT pg_switch_wal()").await;
    for _ in 0..50 {
        sql(&schema.pool, "SELECT pg_current_xact_id()").await;
    }
    // A window in memory, beyond xids that nobody has flushed.
    relay.read(10).await.unwrap();
    cluster.crash();
    cluster.up();
    for n in 0..3 {
        insert(&reconnect(&schema.pool).await, "k", &n.to_string()).await;
    }

    let read = relay.read(10).await;
    assert!(matches!(read, Err(StoreError::IncarnationChanged)), "{read:?}");
    assert!(matches!(relay.settle().await, Err(StoreError::IncarnationChanged)));
    assert!(matches!(relay.store.make_room(&relay.lease).await, Err(StoreError::IncarnationChanged)));
    // Without the incarnation nothing would look wrong, and all three would be lost.
    sqlx::query("INSERT INTO outbox_incarnation (id) VALUES ($1)")
        .bind(relay.lease.incarnation)
        .execute(&schema.pool)
        .await
        .unwrap();
    let read = payloads(&relay.read(10).await.unwrap().records);
    assert!(read.is_empty(), "3 of 3 lost, but for {read:?}");
    sql(&schema.pool, "DELETE FROM outbox_incarnation").await;

    let mut again = restart(&relay, &schema.pool).await;
    assert_ne!(again.lease.incarnation, relay.lease.incarnation);
    assert_eq!(again.deliver().await, ["0", "1", "2"]);

    // A clean restart keeps the incarnation, and all memory with it.
    cluster.stop();
    cluster.up();
    insert(&reconnect(&schema.pool).await, "k", "after").await;
    assert_eq!(again.deliver().await, ["after"]);
}

/// The same relay as a new owner.
async fn restart(relay: &Relay, pool: &PgPool) -> Relay {
    relay.store.release(&relay.lease).await.unwrap();
    Relay::start(pool.clone()).await
}

/// The pool, once each of its connections has noticed that the server was away.
async fn reconnect(pool: &PgPool) -> PgPool {
    let (start, mut alive) = (Instant::now(), vec![]);
    while alive.is_empty() || alive.len() < pool.size() as usize {
        assert!(start.elapsed() < PATIENCE, "the server does not come back");
        let Ok(mut connection) = pool.acquire().await else { continue };
        match sqlx::query("SELECT 1").execute(&mut *connection).await {
            Ok(_) => alive.push(connection),
            Err(_) => drop(connection.detach()),
        }
    }
    drop(alive);
    pool.clone()
}

/// R4: two crashes under load. Whatever a COMMIT was answered for is delivered, per key in commit order.
#[tokio::test(flavor = "multi_thread")]
async fn r4_crashes_under_load_lose_nothing() {
    let cluster = Cluster::start("wal_writer_delay = 10s");
    let schema = Schema::on(cluster.options()).await;
    sql(&schema.pool, "CREATE TABLE counter (key int PRIMARY KEY, n int NOT NULL DEFAULT 0)").await;
    sql(&schema.pool, "INSERT INTO counter (key) SELECT generate_series(0, 3)").await;
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..6).map(|n| tokio::spawn(write(schema.pool.clone(), n, Arc::clone(&stop)))).collect();
    let progress = Arc::new(Progress::default());
    let relay = tokio::spawn(relay_through_crashes(schema.pool.clone(), Arc::clone(&progress)));
    for _ in 0..2 {
        progress.more(600).await;
        cluster.crash();
        cluster.up();
    }
    progress.more(600).await;
    stop.store(true, Ordering::SeqCst);
    let mut acknowledged = 0;
    for writer in writers {
        acknowledged += writer.await.unwrap();
    }
    progress.written.store(true, Ordering::SeqCst);
    let (delivered, incarnations) = relay.await.unwrap();
    let counters: Vec<(i32, i32)> = sqlx::query_as("SELECT key, n FROM counter").fetch_all(&schema.pool).await.unwrap();
    let committed: i32 = counters.iter().map(|(_, n)| n).sum();
    println!("{acknowledged} commits acknowledged, {committed} committed, {incarnations} incarnations");
    assert_eq!(incarnations, 3, "each crash was noticed");
    assert!(acknowledged > 100 && committed >= acknowledged);
    for (key, n) in counters {
        let expected: Vec<i32> = (1..=n).collect();
        let first_deliveries = delivered.get(&key.to_string());
        assert!(first_deliveries == Some(&expected), "key {key}, 1 to {n}: {first_deliveries:?}");
    }
}

/// Counts up under the row's lock, and emits the count; the number of acknowledged commits.
async fn write(pool: PgPool, seed: i32, stop: Arc<AtomicBool>) -> i32 {
    let mut acknowledged = 0;
    for turn in seed.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let key = turn % 4;
        let committed = async {
            let mut tx = pool.begin().await?;
            let n: i32 = sqlx::query_scalar("UPDATE counter SET n = n + 1 WHERE key = $1 RETURNING n")
                .bind(key)
                .fetch_one(&mut *tx)
                .await?;
            sqlx::query("INSERT INTO outbox_log (id, topic, key, headers, payload) VALUES ($1, 't', $2, '', $3)")
                .bind(Uuid::now_v7())
                .bind(key.to_string().into_bytes())
                .bind(n.to_string().into_bytes())
                .execute(&mut *tx)
                .await?;
            tx.commit().await
        };
        acknowledged += i32::from(committed.await.is_ok());
    }
    acknowledged
}

/// How far the relay is, and whether the writers have ended.
#[derive(Default)]
struct Progress {
    delivered: AtomicUsize,
    written: AtomicBool,
}

impl Progress {
    /// Waits for `records` more deliveries.
    async fn more(&self, records: usize) {
        let (start, from) = (Instant::now(), self.delivered.load(Ordering::SeqCst));
        while self.delivered.load(Ordering::SeqCst) < from + records {
            assert!(start.elapsed() < 2 * PATIENCE, "writers or relay stand still");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// First deliveries by key, and how many incarnations were seen. Ends when all is read that was written.
async fn relay_through_crashes(pool: PgPool, progress: Arc<Progress>) -> (BTreeMap<String, Vec<i32>>, usize) {
    let mut delivered: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    let (mut incarnations, mut quiet) = (std::collections::BTreeSet::new(), 0);
    let owner = Uuid::now_v7();
    while quiet < 3 {
        let store = PostgresStore::new(pool.clone());
        let Ok(Acquired::Taken(lease)) = store.acquire(owner, LEASE).await else { continue };
        incarnations.insert(lease.incarnation);
        let Ok(loaded) = store.load(&lease).await else { continue };
        let mut cursor = loaded.cursor;
        while quiet < 3 {
            let written = progress.written.load(Ordering::SeqCst);
            // A broken connection is no reason to forget: behind a pooler it would not even be noticed.
            let page = match store.read(&lease, &cursor, 50).await {
                Ok(page) => page,
                Err(StoreError::Database(_)) => continue,
                Err(StoreError::IncarnationChanged) => break,
                Err(error) => panic!("{error}"),
            };
            quiet = if written && page.records.is_empty() { quiet + 1 } else { 0 };
            for record in &page.records {
                let (key, n) = (text(record.key.as_ref()), text(record.payload.as_ref()).parse().unwrap());
                let seen = delivered.entry(key).or_default();
                if !seen.contains(&n) {
                    seen.push(n);
                }
            }
            progress.delivered.fetch_add(page.records.len(), Ordering::SeqCst);
            cursor = page.end.clone();
            let settle = Settle { cursor: Some(page.end), park: vec![], unpark: vec![] };
            match store.settle(&lease, settle).await {
                Ok(()) | Err(StoreError::Database(_)) => {}
                Err(StoreError::IncarnationChanged) => break,
                Err(error) => panic!("{error}"),
            }
        }
    }
    (delivered, incarnations.len())
}

/// S2: with `synchronous_commit = off` as the server's default, an epoch could be given out twice.
#[tokio::test(flavor = "multi_thread")]
async fn s2_an_epoch_survives_a_crash() {
    let cluster = Cluster::start("wal_writer_delay = 10s\nsynchronous_commit = off");
    let schema = Schema::on(cluster.options()).await;
    sql(&schema.pool, "SELECT pg_switch_wal()").await;
    let before = schema.relay().await;
    cluster.crash();
    cluster.up();
    let pool = reconnect(&schema.pool).await;
    let epoch: i64 = sqlx::query_scalar("SELECT epoch FROM outbox_cursor").fetch_one(&pool).await.unwrap();
    assert_eq!(epoch, before.lease.epoch);
    assert_eq!(restart(&before, &pool).await.lease.epoch, before.lease.epoch + 1);
}

/// R5: a standby is refused, by a new relay and by one that was reading already.
#[tokio::test(flavor = "multi_thread")]
async fn r5_a_standby_is_refused() {
    let cluster = Cluster::start("");
    let schema = Schema::on(cluster.options()).await;
    let mut relay = schema.relay().await;
    insert(&schema.pool, "k", "1").await;
    cluster.stop();
    cluster.make_standby();
    cluster.up();
    let pool = reconnect(&schema.pool).await;
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox_log").fetch_one(&pool).await.unwrap();
    assert_eq!(rows, 1, "the rows can be read there, the snapshots must not be trusted");
    assert!(matches!(Relay::try_start(pool).await, Err(StoreError::Standby)));
    let read = relay.read(10).await;
    assert!(matches!(read, Err(StoreError::Standby)), "{read:?}");
    let settled = relay.settle().await;
    assert!(matches!(settled, Err(StoreError::Standby)), "{settled:?}");
}

/// S4: who commits with `synchronous_commit = off` may be published and then lost. Outside of the promise; as documented.
#[tokio::test(flavor = "multi_thread")]
async fn s4_an_asynchronous_commit_can_be_published_and_lost() {
    let cluster = Cluster::start("wal_writer_delay = 10s");
    let schema = Schema::on(cluster.options()).await;
    let mut relay = schema.relay().await;
    insert(&schema.pool, "k", "synchronous").await;
    // Full pages of WAL are flushed at once: what follows fits on a fresh one.
    sql(&schema.pool, "SELECT pg_switch_wal()").await;
    let mut tx = schema.pool.begin().await.unwrap();
    sql(&mut *tx, "SET LOCAL synchronous_commit = off").await;
    insert(&mut *tx, "k", "asynchronous").await;
    tx.commit().await.unwrap();
    let published = payloads(&relay.read(10).await.unwrap().records);
    cluster.crash();
    cluster.up();
    let pool = reconnect(&schema.pool).await;
    let kept: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT payload FROM outbox_log ORDER BY position").fetch_all(&pool).await.unwrap();
    assert_eq!(published, ["synchronous", "asynchronous"]);
    assert_eq!(kept, [b"synchronous".to_vec()], "the one that was synchronous is there");
}

/// T17: `pg_snapshot_xmax` is the last completed xid + 1: a transaction with that very xid may be running.
#[tokio::test(flavor = "multi_thread")]
async fn t17_xmax_does_not_bound_running_transactions() {
    let cluster = Cluster::start("");
    let schema = Schema::on(cluster.options()).await;
    let mut relay = schema.relay().await;
    let mut running = schema.pool.begin().await.unwrap();
    let position = insert(&mut *running, "k", "running").await;

    // The wrong candidate: nothing is below its bound any more, and `floor` may go past the running row.
    let (bound_reached, now): (bool, String) = sqlx::query_as(
        "SELECT pg_snapshot_xmin(pg_current_snapshot()) >= pg_snapshot_xmax(pg_current_snapshot()), pg_current_snapshot()::text",
    )
    .fetch_one(&schema.pool)
    .await
    .unwrap();
    assert!(bound_reached, "{now}");

    // A relay that starts takes a candidate at once: with that bound it would count already.
    assert!(relay.deliver().await.is_empty());
    assert!(relay.floor().await < position);
    // Ours waits: other events make candidates due, and `floor` stays below the running row.
    for _ in 0..3 {
        insert(&schema.pool, "k", "other").await;
        assert_eq!(relay.deliver().await, ["other"]);
        tokio::time::sleep(Duration::from_millis(110)).await;
        relay.deliver().await;
        assert!(relay.floor().await < position);
    }
    running.commit().await.unwrap();

    let right = relay.cursor.clone();
    sqlx::query("UPDATE outbox_cursor SET floor = $1, low = $1").bind(position).execute(&schema.pool).await.unwrap();
    relay.reload().await;
    assert!(relay.read(10).await.unwrap().records.is_empty(), "with the wrong bound it is lost");
    relay.cursor = right;
    assert_eq!(relay.deliver().await, ["running"]);
}
