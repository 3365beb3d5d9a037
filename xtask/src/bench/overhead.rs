//! The cell `overhead` (W1): what events cost the transaction that emits them.
//!
//! The same state change with 0 to 100 events, by 1 to 64 writers at once: as a plain transaction, with `emit!`, with one
//! INSERT written by hand for each event, and with the textbook's table. And the write-ahead log of an event.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use outbox::{Event, Record, emit, transactional_event};
use sqlx::PgPool;

use super::context::Bench;
use super::database;
use super::drain::textbook;
use super::report::Findings;

const EVENTS: [usize; 4] = [0, 1, 10, 100];
const WRITERS: [i64; 3] = [1, 16, 64];
/// Accounts of one writer: nobody waits for another's row.
const ACCOUNTS: i64 = 100;
/// Transactions whose write-ahead log is counted, and events of each.
const WAL_TRANSACTIONS: u64 = 1_000;
const WAL_EVENTS: usize = 10;

/// 160 B of JSON.
#[derive(serde::Serialize, Event)]
#[event(name = "bench.moved", version = 1, topic = "bench", key = account)]
struct Moved {
    account: i64,
    memo: &'static str,
}

const MEMO: &str = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
const UPDATE: &str = "UPDATE accounts SET balance = balance - 1 WHERE id = $1";

fn moved(account: i64) -> Moved {
    Moved { account, memo: MEMO }
}

#[transactional_event(tx = pool)]
async fn ours(pool: &PgPool, account: i64, events: usize) -> Result<(), sqlx::Error> {
    sqlx::query(UPDATE).bind(account).execute(&mut *tx).await?;
    emit!(..(0..events).map(|_| moved(account)));
    Ok(())
}

async fn plain(pool: &PgPool, account: i64) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    sqlx::query(UPDATE).bind(account).execute(&mut *tx).await?;
    tx.commit().await
}

async fn row_by_row(pool: &PgPool, account: i64, events: usize) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    sqlx::query(UPDATE).bind(account).execute(&mut *tx).await?;
    for _ in 0..events {
        let record = Record::new(&moved(account))?;
        sqlx::query("INSERT INTO outbox_log (id, topic, key, headers, payload) VALUES ($1, $2, $3, $4, $5)")
            .bind(record.id)
            .bind(&*record.topic)
            .bind(record.key.as_deref())
            .bind(record.headers.as_bytes())
            .bind(record.payload.as_deref())
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await
}

async fn with_textbook(pool: &PgPool, account: i64, events: usize) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    sqlx::query(UPDATE).bind(account).execute(&mut *tx).await?;
    for _ in 0..events {
        let payload = serde_json::to_string(&moved(account)).map_err(|error| sqlx::Error::Encode(error.into()))?;
        sqlx::query("INSERT INTO textbook (topic, aggregate_id, event_type, payload) VALUES ($1, $2, $3, $4::jsonb)")
            .bind("bench")
            .bind(account.to_string())
            .bind("bench.moved")
            .bind(payload)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Plain,
    Ours,
    RowByRow,
    Textbook,
}

impl Side {
    const ALL: [Self; 4] = [Self::Plain, Self::Ours, Self::RowByRow, Self::Textbook];

    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Ours => "ours",
            Self::RowByRow => "row_by_row",
            Self::Textbook => "textbook",
        }
    }

    async fn transaction(self, pool: &PgPool, account: i64, events: usize) -> Result<(), sqlx::Error> {
        match self {
            Self::Plain => plain(pool, account).await,
            Self::Ours => ours(pool, account, events).await,
            Self::RowByRow => row_by_row(pool, account, events).await,
            Self::Textbook => with_textbook(pool, account, events).await,
        }
    }

    /// Where its events are; both tables are empty afterwards.
    async fn take_events(pool: &PgPool) -> Result<u64> {
        let count = "SELECT (SELECT count(*) FROM outbox_log) + (SELECT count(*) FROM textbook)";
        let events: i64 = sqlx::query_scalar(count).fetch_one(pool).await?;
        sqlx::query("TRUNCATE outbox_log, textbook").execute(pool).await?;
        Ok(events.unsigned_abs())
    }
}

pub(super) async fn run(bench: &Bench) -> Result<Findings> {
    let mut findings = Findings::default();
    let pool = database::create_schema(&bench.database, &format!("{}_overhead", bench.prefix)).await?;
    textbook::create(&pool).await?;
    sqlx::query("CREATE TABLE accounts (id bigint PRIMARY KEY, balance bigint NOT NULL) WITH (fillfactor = 50)")
        .execute(&pool)
        .await?;
    let most = WRITERS.into_iter().max().unwrap_or_default() * ACCOUNTS;
    sqlx::query("INSERT INTO accounts SELECT id, 0 FROM generate_series(0, $1 - 1) id")
        .bind(most)
        .execute(&pool)
        .await?;
    // A tenth of a steady load's time: there are many combinations.
    let time = Duration::from_millis(u64::from(bench.seconds) * 100);
    for repetition in 1..=bench.repetitions {
        for events in EVENTS {
            for writers in WRITERS {
                bench.say(format_args!(
                    "overhead {repetition}/{}: {events} events, {writers} writers",
                    bench.repetitions
                ));
                let cell = format!("overhead.{events}x{writers}");
                let mut rates = Vec::new();
                let mut sides = Side::ALL;
                let turn = repetition as usize % sides.len();
                sides.rotate_left(turn);
                for side in sides.into_iter().filter(|side| events > 0 || matches!(side, Side::Plain | Side::Ours)) {
                    rates.push((side, measure(&pool, side, writers, events, time).await?));
                }
                let of = |side| rates.iter().find(|(of, _)| *of == side).map_or(f64::NAN, |(_, rate)| *rate);
                for (side, rate) in rates.iter().filter(|(side, _)| *side != Side::Ours) {
                    findings.sample(&cell, side.name(), "transactions/s", of(Side::Ours), *rate);
                }
            }
        }
        let wal = |side| wal_per_event(&pool, side);
        let (of_ours, of_textbook) = (wal(Side::Ours).await?, wal(Side::Textbook).await?);
        findings.sample("wal", "textbook", "B per event", of_ours, of_textbook);
        bench.progress.step();
    }
    pool.close().await;
    Ok(findings)
}

/// Transactions per second; every one's events are in the table afterwards.
async fn measure(pool: &PgPool, side: Side, writers: i64, events: usize, time: Duration) -> Result<f64> {
    // Connections are open, statements prepared, pages in memory.
    write(pool, side, writers, events, Until::Count(u64::from(writers.unsigned_abs() as u32) * 5)).await?;
    Side::take_events(pool).await?;
    let began = Instant::now();
    let written = write(pool, side, writers, events, Until::Time(began + time)).await?;
    let rate = written as f64 / began.elapsed().as_secs_f64();
    let found = Side::take_events(pool).await?;
    let expected = if side == Side::Plain { 0 } else { written * events as u64 };
    ensure!(found == expected, "{}: {found} events instead of {expected}: no number", side.name());
    Ok(rate)
}

#[derive(Clone, Copy)]
enum Until {
    Time(Instant),
    Count(u64),
}

/// Transactions written by all writers together.
async fn write(pool: &PgPool, side: Side, writers: i64, events: usize, until: Until) -> Result<u64> {
    let count = Arc::<AtomicU64>::default();
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let (pool, count) = (pool.clone(), count.clone());
            tokio::spawn(async move {
                let mut written = 0;
                let is_over = |begun| match until {
                    Until::Time(end) => Instant::now() >= end,
                    Until::Count(most) => begun >= most,
                };
                while !is_over(count.fetch_add(1, Ordering::Relaxed)) {
                    side.transaction(&pool, writer * ACCOUNTS + written % ACCOUNTS, events).await?;
                    written += 1;
                }
                Ok::<_, sqlx::Error>(written.unsigned_abs())
            })
        })
        .collect();
    let mut written = 0;
    for task in tasks {
        written += task.await??;
    }
    Ok(written)
}

/// Of transactions that are the same but for their events. Pages are warm and no checkpoint is near, so that copies of whole
/// pages, which the textbook's scattered keys need more of, are on nobody's bill.
async fn wal_per_event(pool: &PgPool, side: Side) -> Result<f64> {
    let bytes = async |side, events| -> Result<f64> {
        write(pool, side, 16, events, Until::Count(WAL_TRANSACTIONS)).await?;
        let before = database::wal(pool).await?;
        let written = write(pool, side, 16, events, Until::Count(WAL_TRANSACTIONS)).await?;
        Ok((database::wal(pool).await? - before) / written as f64)
    };
    let with = bytes(side, WAL_EVENTS).await?;
    let without = bytes(Side::Plain, 0).await?;
    Side::take_events(pool).await?;
    Ok((with - without) / WAL_EVENTS as f64)
}
