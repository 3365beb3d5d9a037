//! Seeded simulation of the relay's state machine: a simulated database, broker and clock, two relays, and faults at
//! every step. `OUTBOX_SIM_SEEDS=n` runs more schedules, `OUTBOX_SIM_SEED=n` runs one and prints its trace.

mod broker;
mod check;
mod database;
mod mutants;
mod node;
mod throughput;
mod world;

use outbox_runtime::relay::machine::Mutations;
use world::World;

/// Runs one schedule; the error says which promise was broken.
fn run(seed: u64, exactly_once: bool, mutations: Mutations, traced: bool) -> Result<world::Summary, String> {
    let mut world = World::new(seed, exactly_once, mutations, traced);
    let result = world.run();
    if traced {
        for line in &world.trace {
            println!("{line}");
        }
    }
    result
}

fn from_env(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, it is `{text}`")))
}

fn run_all(exactly_once: bool) -> world::Summary {
    let mut total = world::Summary::default();
    if let Some(seed) = from_env("OUTBOX_SIM_SEED") {
        return run(seed, exactly_once, Mutations::default(), true)
            .unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
    }
    for seed in 0..from_env("OUTBOX_SIM_SEEDS").unwrap_or(3_000) {
        match run(seed, exactly_once, Mutations::default(), false) {
            Ok(summary) => total.add(&summary),
            Err(broken) => {
                let _ = run(seed, exactly_once, Mutations::default(), true);
                panic!("seed {seed}: {broken}; the trace is above; run it alone with OUTBOX_SIM_SEED={seed}");
            }
        }
    }
    println!("{total:?}");
    // A simulation in which nothing happens would keep every promise.
    assert!(total.delivered > 0 && total.failed > 0 && total.followers > 0 && total.take_overs > 0, "{total:?}");
    assert!(total.commands > 0 && total.skipped > 0, "{total:?}");
    assert!(total.faults > 0 && total.rows_sent > 0 && total.stops > 0, "{total:?}");
    total
}

#[test]
fn every_schedule_keeps_the_promises() {
    let total = run_all(false);
    assert!(total.duplicates > 0 || from_env("OUTBOX_SIM_SEED").is_some(), "{total:?}");
}

#[test]
fn every_exactly_once_schedule_keeps_the_promises() {
    let total = run_all(true);
    assert_eq!(total.duplicates, 0, "{total:?}");
    assert!(total.aborted > 0 || from_env("OUTBOX_SIM_SEED").is_some(), "{total:?}");
}
