//! One handler with the attribute, and the same transaction by hand: how long a call takes, and how often it allocates.
//!
//! Started by `cargo xtask bench --only handler`, which gives the schema and the repetitions and reads the lines.
//! Both sides run the same statements and build the same [`outbox::Record`]; what is left is what the attribute costs.

mod postgres;
mod sqlite;

use std::alloc::System;
use std::time::Instant;

use anyhow::{Context, Result};
use outbox::Event;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Calls of a side, before the other takes its turn.
const TURN: u32 = 25;
/// Turns of each side in a repetition.
const TURNS: u32 = 20;

#[derive(serde::Serialize, Event)]
#[event(name = "bench.withdrawn", version = 1, topic = "bench", key = account)]
struct Withdrawn {
    account: i64,
    amount: i64,
}

const UPDATE: &str = "UPDATE accounts SET balance = balance - $1 WHERE id = $2";

/// Of all calls of one side.
#[derive(Default)]
struct Cost {
    microseconds: f64,
    allocations: f64,
}

impl Cost {
    async fn measure<F: Future<Output = Result<(), sqlx::Error>>>(&mut self, call: impl Fn(i64) -> F) -> Result<()> {
        let region = Region::new(ALLOCATOR);
        let began = Instant::now();
        for account in 0..TURN {
            call(i64::from(account)).await?;
        }
        self.microseconds += began.elapsed().as_secs_f64() * 1e6;
        let change = region.change();
        self.allocations += (change.allocations + change.reallocations) as f64;
        Ok(())
    }

    fn each(value: f64) -> f64 {
        value / f64::from(TURN * TURNS)
    }
}

/// Measures both and prints a line for each repetition; the sides take turns.
async fn compare<O, T>(
    against: &str,
    repetitions: u32,
    ours: impl Fn(i64) -> O,
    theirs: impl Fn(i64) -> T,
) -> Result<()>
where
    O: Future<Output = Result<(), sqlx::Error>>,
    T: Future<Output = Result<(), sqlx::Error>>,
{
    // Statements are prepared, and what is made once is made.
    for _ in 0..4 {
        Cost::default().measure(&ours).await?;
        Cost::default().measure(&theirs).await?;
    }
    for _ in 0..repetitions {
        let (mut of_ours, mut of_theirs) = (Cost::default(), Cost::default());
        for turn in 0..TURNS {
            if turn % 2 == 0 {
                of_ours.measure(&ours).await?;
                of_theirs.measure(&theirs).await?;
            } else {
                of_theirs.measure(&theirs).await?;
                of_ours.measure(&ours).await?;
            }
        }
        let line = serde_json::json!({
            "against": against,
            "time": [Cost::each(of_ours.microseconds), Cost::each(of_theirs.microseconds)],
            "allocations": [Cost::each(of_ours.allocations), Cost::each(of_theirs.allocations)],
        });
        println!("{line}");
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let usage = "usage: DATABASE_URL=… bench-handler SCHEMA REPETITIONS";
    let (schema, repetitions) = (args.next().context(usage)?, args.next().context(usage)?.parse()?);
    let url = std::env::var("DATABASE_URL").context(usage)?;
    // On a thread of the runtime, where handlers run.
    tokio::spawn(async move {
        postgres::run(&url, &schema, repetitions).await?;
        sqlite::run(repetitions).await
    })
    .await?
}
