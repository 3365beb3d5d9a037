//! T16: four ways to read a table that is being written, side by side over the same rows.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use outbox_runtime::store::Store;
use sqlx::PgPool;

use crate::support::{Relay, Schema, insert, sql, text};

const WRITERS: u64 = 10;
const KEYS: i64 = 6;
const TIME: Duration = Duration::from_secs(10);

/// What a reader has delivered.
#[derive(Default)]
struct Delivered {
    last: HashMap<String, i64>,
    seen: HashMap<String, Vec<i64>>,
    inversions: usize,
    duplicates: usize,
}

impl Delivered {
    fn note(&mut self, key: String, n: i64) {
        let seen = self.seen.entry(key.clone()).or_default();
        if seen.contains(&n) {
            self.duplicates += 1;
            return;
        }
        seen.push(n);
        let last = self.last.entry(key).or_insert(0);
        self.inversions += usize::from(n < *last);
        *last = n.max(*last);
    }

    fn count(&self) -> i64 {
        self.seen.values().map(|seen| seen.len() as i64).sum()
    }
}

struct Result {
    lost: i64,
    inversions: usize,
    duplicates: usize,
}

/// `position > last` and the `xmin` watermark lose, `(xid, position)` inverts, the window does neither.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn t16_four_readers() {
    let schema = Schema::new().await;
    sql(&schema.pool, "CREATE TABLE counter (key bigint PRIMARY KEY, n bigint NOT NULL DEFAULT 0)").await;
    sqlx::query("INSERT INTO counter (key) SELECT generate_series(1, $1)")
        .bind(KEYS)
        .execute(&schema.pool)
        .await
        .unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let writing: Vec<_> =
        (0..WRITERS).map(|n| tokio::spawn(write(schema.pool.clone(), n, Arc::clone(&stop)))).collect();
    let done = Arc::new(AtomicBool::new(false));
    let last = tokio::spawn(plain(schema.pool.clone(), BY_POSITION, Arc::clone(&done)));
    let watermark = tokio::spawn(plain(schema.pool.clone(), BY_WATERMARK, Arc::clone(&done)));
    let xid = tokio::spawn(plain(schema.pool.clone(), BY_XID, Arc::clone(&done)));
    let window = tokio::spawn(windows(schema.pool.clone(), Arc::clone(&done)));

    tokio::time::sleep(TIME).await;
    stop.store(true, Ordering::SeqCst);
    for writer in writing {
        writer.await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    let committed: i64 =
        sqlx::query_scalar("SELECT sum(n)::bigint FROM counter").fetch_one(&schema.pool).await.unwrap();
    let mut results = vec![];
    for (name, reader) in
        [("position > last", last), ("xmin watermark", watermark), ("(xid, position)", xid), ("window", window)]
    {
        let delivered = reader.await.unwrap();
        let result = Result {
            lost: committed - delivered.count(),
            inversions: delivered.inversions,
            duplicates: delivered.duplicates,
        };
        let Result { lost, inversions, duplicates } = result;
        println!("{name:16} of {committed}: {lost} lost, {inversions} inverted, {duplicates} read twice");
        results.push(result);
    }
    let [last, watermark, xid, window] = results.try_into().unwrap_or_else(|_| panic!("four readers"));
    assert!(last.lost > 0);
    assert!(watermark.lost > 0);
    assert!(xid.lost == 0 && xid.inversions > 0);
    assert!(window.lost == 0 && window.inversions == 0);
    schema.drop().await;
}

/// Counts a key up and emits the count, in every shape of transaction that there is.
async fn write(pool: PgPool, seed: u64, stop: Arc<AtomicBool>) {
    let mut random = fastrand::Rng::with_seed(seed);
    while !stop.load(Ordering::SeqCst) {
        let mut tx = pool.begin().await.unwrap();
        if random.u8(..4) == 0 {
            // An early xid: older than those who will have the row before.
            sql(&mut *tx, "SELECT pg_current_xact_id()").await;
            pause(&mut random, 4).await;
        }
        let savepoint = random.u8(..8) == 0;
        if savepoint {
            sql(&mut *tx, "SAVEPOINT s").await;
        }
        let key = random.i64(1..=KEYS);
        let n: i64 = sqlx::query_scalar("UPDATE counter SET n = n + 1 WHERE key = $1 RETURNING n")
            .bind(key)
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        insert(&mut *tx, &key.to_string(), &n.to_string()).await;
        match random.u8(..40) {
            0 => pause(&mut random, 60).await,
            1..15 => pause(&mut random, 4).await,
            _ => {}
        }
        match random.u8(..10) {
            0 => tx.rollback().await.unwrap(),
            1 if savepoint => {
                sql(&mut *tx, "ROLLBACK TO s").await;
                tx.commit().await.unwrap();
            }
            _ => tx.commit().await.unwrap(),
        }
    }
}

async fn pause(random: &mut fastrand::Rng, ms_max: u64) {
    tokio::time::sleep(Duration::from_micros(random.u64(..ms_max * 1_000))).await;
}

/// A page behind `$1` (an xid) and `$2` (a position): position, xid, key, payload.
const BY_POSITION: &str = "SELECT position, xid::text::bigint, key, payload FROM outbox_log
    WHERE $1::bigint IS NOT NULL AND position > $2 ORDER BY position LIMIT 200";
const BY_WATERMARK: &str = "SELECT position, xid::text::bigint, key, payload FROM outbox_log
    WHERE $1::bigint IS NOT NULL AND position > $2 AND xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY position LIMIT 200";
const BY_XID: &str = "SELECT position, xid::text::bigint, key, payload FROM outbox_log
    WHERE (xid, position) > ($1::bigint::text::xid8, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY xid, position LIMIT 200";

/// A reader that remembers the last row.
async fn plain(pool: PgPool, page: &'static str, done: Arc<AtomicBool>) -> Delivered {
    let mut delivered = Delivered::default();
    let (mut xid, mut position) = (0_i64, 0_i64);
    loop {
        let finished = done.load(Ordering::SeqCst) && watermark_has_passed(&pool).await;
        let rows: Vec<(i64, i64, Vec<u8>, Vec<u8>)> =
            sqlx::query_as(page).bind(xid).bind(position).fetch_all(&pool).await.unwrap();
        for (at, by, key, n) in &rows {
            (position, xid) = (*at, *by);
            delivered.note(text(Some(key)), text(Some(n)).parse().unwrap());
        }
        if finished && rows.is_empty() {
            return delivered;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Whether nothing of the server is older than our last row: any other transaction there holds a watermark back, too.
async fn watermark_has_passed(pool: &PgPool) -> bool {
    sqlx::query_scalar(
        "SELECT pg_snapshot_xmin(pg_current_snapshot()) > (SELECT xid FROM outbox_log ORDER BY xid DESC LIMIT 1)",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

/// Ours, with small and large pages, settles here and there, room being made, and restarts.
async fn windows(pool: PgPool, done: Arc<AtomicBool>) -> Delivered {
    static SETTLED: AtomicI64 = AtomicI64::new(0);
    let mut random = fastrand::Rng::with_seed(99);
    let mut delivered = Delivered::default();
    let mut relay = Relay::start(pool.clone()).await;
    let mut quiet = 0;
    while quiet < 5 {
        let finished = done.load(Ordering::SeqCst);
        let page = relay.read(if random.bool() { 7 } else { 200 }).await.unwrap();
        quiet = if finished && page.records.is_empty() { quiet + 1 } else { 0 };
        // A part of the page may be as far as this relay gets.
        let decided = if random.u8(..10) == 0 { random.usize(..=page.records.len()) } else { page.records.len() };
        for record in page.records.iter().take(decided) {
            delivered.note(text(record.key.as_ref()), text(record.payload.as_ref()).parse().unwrap());
        }
        if decided < page.records.len() {
            if let Some(last) = decided.checked_sub(1).and_then(|last| page.records.get(last)) {
                let at = <outbox_runtime::store::PostgresStore as Store>::cursor_at(&page.window, last.position);
                relay.settle_at(at).await.unwrap();
            }
            relay.reload().await;
        } else if random.u8(..3) > 0 {
            relay.settle().await.unwrap();
            SETTLED.fetch_add(1, Ordering::Relaxed);
        } else if random.u8(..20) == 0 {
            relay.store.release(&relay.lease).await.unwrap();
            relay = Relay::start(pool.clone()).await;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(SETTLED.load(Ordering::Relaxed) > 100, "it has settled along the way");
    delivered
}
