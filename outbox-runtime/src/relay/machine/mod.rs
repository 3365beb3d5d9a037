//! The relay's decisions without I/O: [`Event`]s in, [`Action`]s out, the clock passed in.
//!
//! It knows records as numbers, partitions, key hashes and sizes; the shell beside it holds payloads, store and sink.
//! The rules it follows, in short: take the lease, then load (1); stop at a fence (2); park failed and automatic
//! records (3); the gate (4); only whole producers are dropped (5); the first record of a partition alone (6);
//! suspects alone (7); one transaction settles (8); rows in order (10); skip by the owner (11); window and slots (12);
//! exactly-once (13–16).

mod commands;
mod lanes;
mod mutations;
mod ownership;
mod sending;
mod settling;
mod table;
mod transaction;
mod types;
mod window;

use std::collections::BTreeSet;
use std::time::Duration;

pub use mutations::Mutations;
pub use types::{Action, Config, Event, Input, RowInput, Seq, SettlePlan, StoreOp};

use lanes::Lanes;
use ownership::Phase;
use table::Table;
use transaction::Transaction;
use window::Window;

/// The producer, as far as sending goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Producer {
    Ready,
    /// A batch was rejected, or the producer is of no use any more: what it has in flight is answered first.
    Draining {
        until: Duration,
    },
    /// To be dropped.
    Broken,
    Rebuilding,
    /// Making a new one failed; again after the pause.
    Missing,
}

/// The state machine of one relay of one log.
#[derive(Debug)]
pub struct Machine {
    config: Config,
    mutations: Mutations,
    phase: Phase,
    lease_until: Duration,
    renew_at: Duration,
    renewing: bool,
    store_failures: u32,
    window: Window,
    table: Table,
    lanes: Lanes,
    producer: Producer,
    /// To be sent now: lane and number.
    out: Vec<(u32, Seq)>,
    in_flight: usize,
    suspects: BTreeSet<Seq>,
    /// The suspect that is in flight, by itself.
    alone: Option<Seq>,
    outage_until: Option<Duration>,
    /// Producers lost in a row without one acknowledgement.
    attempts: u32,
    /// Decided, not written yet.
    park: Vec<(Seq, crate::store::ParkedState)>,
    /// Acknowledged rows, not deleted yet.
    unpark: Vec<Seq>,
    settling: Option<SettlePlan>,
    /// Exactly-once: what is sent travels in this.
    transaction: Option<Transaction>,
    settle_at: Duration,
    settle_failed: bool,
    reading: bool,
    read_failed: bool,
    /// The last page said that more is behind it.
    more: bool,
    read_at: Duration,
    poll_interval: Duration,
    wake: bool,
    page_limit: usize,
    page_records: usize,
    bytes_mean: u64,
    /// Deadline of an orderly stop.
    shutdown: Option<Duration>,
    /// Commands are being taken, or one is being executed: no settle meanwhile.
    commanding: bool,
    /// Of this row it is unknown whether it is skipped already.
    skipping: Option<Seq>,
    command_at: Duration,
    /// A command goes before a settle now.
    command_turn: bool,
    /// A row that is tried again goes before the others now.
    retry_turn: bool,
    /// When to be polled again at the latest.
    wake_at: Option<Duration>,
    published: u64,
    /// Mutant of rule 1 only.
    preloaded: bool,
}

impl Machine {
    /// A machine that stands by.
    pub fn new(config: Config) -> Self {
        Self::with_mutations(config, Mutations::default())
    }

    /// For the simulator's mutants.
    #[doc(hidden)]
    pub fn with_mutations(config: Config, mutations: Mutations) -> Self {
        Self {
            mutations,
            phase: Phase::Standby { at: Duration::ZERO, fresh: true },
            lease_until: Duration::ZERO,
            renew_at: Duration::ZERO,
            renewing: false,
            store_failures: 0,
            window: Window::default(),
            table: Table::new(mutations.rows_pass_the_gate),
            lanes: Lanes::default(),
            producer: Producer::Ready,
            out: Vec::new(),
            in_flight: 0,
            suspects: BTreeSet::new(),
            alone: None,
            outage_until: None,
            attempts: 0,
            park: Vec::new(),
            unpark: Vec::new(),
            settling: None,
            transaction: config.exactly_once.then(|| Transaction::new(config.window_records)),
            settle_at: Duration::ZERO,
            settle_failed: false,
            reading: false,
            read_failed: false,
            more: true,
            preloaded: false,
            read_at: Duration::ZERO,
            poll_interval: POLL_MIN,
            wake: false,
            page_limit: config.page_records.min(PAGE_FIRST),
            page_records: 0,
            bytes_mean: 0,
            shutdown: None,
            commanding: false,
            skipping: None,
            command_at: Duration::ZERO,
            command_turn: true,
            retry_turn: false,
            wake_at: None,
            published: 0,
            config,
        }
    }

    /// Takes note of what happened.
    pub fn handle(&mut self, now: Duration, event: Event<'_>) {
        match event {
            Event::Read { records, done, more } => self.read(now, records, done, more),
            Event::Delivered(answers) => answers.iter().for_each(|(seq, result)| self.answered(now, *seq, *result)),
            Event::Settled => {
                self.store_failures = 0;
                if self.transaction.is_some() { self.transaction_settled() } else { self.settled() }
            }
            Event::Committed => self.committed(),
            Event::Aborted(class) => self.aborted(now, class),
            Event::Rebuilt(result) => self.rebuilt(now, result),
            Event::RowLane(seq, lane) => {
                if let Some(row) = self.table.get_mut(seq) {
                    row.lane = Some(lane);
                }
                self.table.look_again(seq);
            }
            Event::LanesAway(lanes) => {
                self.window.wait_in(lanes);
                self.table.wait_in(lanes);
            }
            Event::Commands { retried, skip } => self.commanded(now, retried, skip),
            Event::Skipped { seq, gone } => self.skipped(seq, gone),
            Event::Wake => {
                self.wake = true;
                self.poll_interval = POLL_MIN;
            }
            Event::Shutdown => {
                self.shutdown.get_or_insert(now + self.config.drain);
            }
            ownership => self.owned(now, ownership),
        }
    }

    /// Decides: appends to `actions`. Call it after every event, and at [`Machine::wake_at`].
    pub fn poll(&mut self, now: Duration, actions: &mut Vec<Action>) {
        self.wake_at = None;
        self.keep_lease(now, actions);
        self.keep_producer(now, actions);
        if self.phase != Phase::Running {
            return;
        }
        self.choose(now);
        // They never run beside each other, and take turns: neither holds the other up for long.
        if self.command_turn {
            self.choose_command(now, actions);
            self.choose_settle(now, actions);
        } else {
            self.choose_settle(now, actions);
            self.choose_command(now, actions);
        }
        self.choose_read(now, actions);
        self.finish(now, actions);
    }

    /// Moves what is to be sent now into `into`: sorted by partition, in order inside each.
    pub fn take_sends(&mut self, into: &mut Vec<Seq>) {
        into.extend(self.out.drain(..).map(|(_, seq)| seq));
    }

    /// When to poll again if nothing happens.
    pub fn wake_at(&self) -> Option<Duration> {
        self.wake_at
    }

    /// Number that the next record of the log gets.
    pub fn log_end(&self) -> Seq {
        self.window.end()
    }

    /// Records below this number are settled.
    pub fn settled_end(&self) -> Seq {
        self.window.base
    }

    /// Records in flight.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Acknowledged so far.
    pub fn published(&self) -> u64 {
        self.published
    }

    /// Failed and automatic rows in the table.
    pub fn parked(&self) -> usize {
        self.table.parked()
    }

    /// Whether a record of the log, not settled yet, waits for its topic.
    pub fn waits(&self, seq: Seq) -> bool {
        self.window.get(seq).is_some_and(|entry| entry.input.waits)
    }

    /// Whether the log is ours and loaded.
    pub fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }

    /// Whether the producer takes records; one that is about to be dropped takes none.
    pub fn is_sending(&self) -> bool {
        self.producer == Producer::Ready
    }

    /// Exactly-once: whether the database may be ahead of what the sink has committed.
    pub fn is_committing(&self) -> bool {
        // A settle whose answer is lost may have been written.
        self.transaction.is_some() && (self.settling.is_some() || self.settle_failed)
    }

    /// Whether sending pauses because the broker is away.
    pub fn is_outage(&self) -> bool {
        self.outage_until.is_some()
    }

    fn choose_read(&mut self, now: Duration, actions: &mut Vec<Action>) {
        let ahead = (self.window.end() - self.window.next) as usize;
        let full = ahead >= 2 * self.page_limit || self.window.bytes >= 2 * self.config.window_bytes;
        if self.reading || self.shutdown.is_some() || full {
            return;
        }
        let at = self.read_at;
        let wake = self.wake && !self.read_failed;
        if wake || self.due(now, at) {
            self.wake = false;
            self.reading = true;
            self.page_records = 0;
            actions.push(Action::Read { limit: self.page_limit });
        }
    }

    fn read(&mut self, now: Duration, records: &[Input], done: bool, more: bool) {
        for input in records {
            self.bytes_mean = (self.bytes_mean * 15 + u64::from(input.bytes)) / 16;
            self.window.push(*input);
        }
        self.page_records += records.len();
        if !done {
            return;
        }
        self.reading = false;
        self.store_failures = 0;
        self.read_failed = false;
        self.more = more;
        if self.page_records > 0 || more {
            self.poll_interval = POLL_MIN;
            self.read_at = if more { now } else { now + POLL_MIN };
        } else {
            self.read_at = now + self.poll_interval;
            // Slowly: what comes every ten milliseconds is not to wait for half of that.
            self.poll_interval = (self.poll_interval * 9 / 8).min(self.config.poll_max);
        }
        // Pages are bounded in bytes by the mean so far, and grow slowly enough for it to be known.
        let fits = self.config.window_bytes / 4 / self.bytes_mean.max(1);
        let grown = if self.page_records >= self.page_limit { self.page_limit * 2 } else { self.page_limit };
        self.page_limit = grown.min(self.config.page_records).min(fits as usize).max(1);
    }

    /// Whether `at` has come; if not, the machine wants to be polled then.
    fn due(&mut self, now: Duration, at: Duration) -> bool {
        if now < at {
            self.wake_at = Some(self.wake_at.map_or(at, |earlier| earlier.min(at)));
        }
        now >= at
    }
}

const POLL_MIN: Duration = Duration::from_millis(1);
const PAGE_FIRST: usize = 256;
