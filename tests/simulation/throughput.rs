//! What the decisions cost: a backlog through the machine alone, with answers and settles at once.

use std::time::{Duration, Instant};

use outbox_runtime::relay::machine::{Action, Config, Event, Input, Machine};

const RECORDS: u64 = 300_000;
const LANES: u32 = 12;

#[test]
fn a_backlog_passes_with_bounded_memory() {
    passes(Config::default());
}

#[test]
fn a_backlog_passes_in_large_transactions() {
    let commits = passes(Config { exactly_once: true, window_records: 50_000, ..Config::default() });
    assert_eq!(commits, RECORDS / 50_000, "a transaction grows with the backlog");
}

/// The number of transactions.
fn passes(config: Config) -> u64 {
    let window = config.window_records;
    let mut machine = Machine::new(config);
    let mut commits = 0;
    let (mut actions, mut sends, mut answers) = (Vec::new(), Vec::new(), Vec::new());
    let (mut read, mut polls) = (0, 0);
    let started = Instant::now();
    while machine.settled_end() < RECORDS {
        polls += 1;
        assert!(polls < RECORDS, "no progress at {}", machine.settled_end());
        let now = Duration::from_millis(polls);
        machine.poll(now, &mut actions);
        for action in actions.drain(..) {
            match action {
                Action::Acquire { .. } => {
                    machine.handle(now, Event::Acquired { until: now + Duration::from_secs(999) })
                }
                Action::Load => machine.handle(now, Event::Loaded(&[])),
                Action::Read { limit } => {
                    let end = RECORDS.min(read + limit as u64);
                    let input = |n: u64| Input {
                        lane: (n % u64::from(LANES)) as u32,
                        key: Some(n % 1_000),
                        bytes: 160,
                        refused: false,
                        waits: false,
                        barrier: false,
                    };
                    let records: Vec<_> = (read..end).map(input).collect();
                    read = end;
                    machine.handle(now, Event::Read { records: &records, done: true, more: end < RECORDS });
                }
                Action::Settle(plan) => {
                    assert!(!plan.touches_table(), "nothing is parked here");
                    machine.handle(now, Event::Settled);
                }
                Action::Begin => machine.handle(now, Event::Rebuilt(Ok(()))),
                Action::Commit(_) => {
                    commits += 1;
                    machine.handle(now, Event::Committed);
                }
                Action::Renew => machine.handle(now, Event::Renewed { until: now + Duration::from_secs(999) }),
                other => panic!("{other:?} without a reason"),
            }
        }
        machine.take_sends(&mut sends);
        answers.extend(sends.drain(..).map(|seq| (seq, Ok(()))));
        machine.handle(now, Event::Delivered(&answers));
        answers.clear();
        let held = machine.log_end() - machine.settled_end();
        assert!(held <= window + 3 * 4_096, "{held} records in memory");
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("{:.0} records/s through the machine in {polls} polls", RECORDS as f64 / seconds);
    assert_eq!(machine.published(), RECORDS);
    commits
}
