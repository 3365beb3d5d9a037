//! The tokio shell around the machine: one loop, one owner of the sink, store operations in tasks beside it.
//!
//! ```text
//! read task ─▶ pages ─▶ machine ─▶ send ─▶ sink ─▶ deliveries ─▶ machine ─▶ settle task
//! ```

mod delayed;
mod intake;
mod outcome;
mod pages;
mod publish;
mod room;
mod slot;
mod tasks;
mod telemetry;
mod topics;
mod transactions;
mod waiting;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

use super::health::Pulse;
use super::machine::{Action, Config, Event, Machine, Seq, SettlePlan};
use super::message::MessageBuilder;
use super::{RelayError, RelayState, Status};
use crate::sink::{Class, Delivery, Sink, SinkError};
use crate::store::{Lease, ParkedRecord, ParkedState, Settle, Store};
use crate::telemetry::{Meter, Sending};
use delayed::Delayed;
use intake::Wanted;
use pages::Pages;
use room::Room;
use slot::Slot;
use tasks::Tasks;
use telemetry::LagWatch;
use topics::Topics;
pub(super) use transactions::Calls;
use transactions::Transactions;
use waiting::Waiting;

/// The least time that the database has for an answer; three leases where that is more.
const PATIENCE_MIN: Duration = Duration::from_secs(10);
/// How long closing waits for what still runs.
const CLOSE: Duration = Duration::from_secs(2);
/// How long nothing is looked at when nothing is due; [`Pulse`] counts on it.
const IDLE: Duration = Duration::from_secs(1);
/// What waiting rows of the table may take in memory, with their payloads; nothing is read from the log beyond.
const ROWS_BYTES_MAX: usize = 64 << 20;
/// A sink that has answered nothing for so long is away: it tries again by itself, and says nothing of it.
const SILENCE: Duration = Duration::from_secs(5);
/// Before a full sink that answers nothing is tried again.
const FULL_PAUSE: Duration = Duration::from_millis(5);

/// Everything a running relay has.
pub(super) struct Shell<S: Store, K: Sink> {
    machine: Machine,
    config: Config,
    started: Instant,
    tasks: Tasks<S>,
    sink: Slot<K>,
    owner: Uuid,
    lease: Option<Lease>,
    pages: Pages<S::Cursor>,
    topics: Topics,
    messages: MessageBuilder,
    /// A page is being handed to the machine; whether more is likely behind it.
    intake: Option<bool>,
    waiting: Waiting,
    /// When topics that are missing are asked for again.
    topic_at: Duration,
    topic_attempts: u32,
    /// Topics that went away with records in flight.
    lost: BTreeSet<String>,
    /// The topic that the sink is looking up.
    asked: Option<Wanted>,
    /// Given to the sink in this order.
    queue: VecDeque<Seq>,
    full: bool,
    scratch: Vec<Seq>,
    /// The machine was told something: it decides before anything is waited for.
    again: bool,
    deliveries: Vec<Delivery>,
    answers: Vec<(Seq, Result<(), Class>)>,
    /// What the sink or the pre-check said about records that are refused.
    causes: HashMap<Seq, String>,
    /// The settle under way: its plan, to be repeated in memory once it is committed.
    settling: Option<SettlePlan>,
    /// Exactly-once.
    transactions: Option<Transactions<K, S::Cursor>>,
    room: Room,
    delayed: Delayed,
    /// The last page was empty: hints are listened to.
    idle: bool,
    draining: bool,
    /// When a stop ends whatever happens: a database that answers nothing cannot hold it.
    stop_at: Option<Duration>,
    outage: Option<(Option<String>, String)>,
    /// When the sink answered last, or had nothing to answer.
    answered_at: Duration,
    /// Why the database is of no use now.
    database: Option<String>,
    /// Name of the log in metrics.
    log: Option<String>,
    meter: Meter,
    sending: Sending,
    pulse: Arc<Pulse>,
    status: watch::Sender<Status>,
}

impl<S: Store, K: Sink> Shell<S, K> {
    pub(super) fn new(
        store: S,
        sink: K,
        config: Config,
        source: String,
        log: Option<String>,
        pulse: Arc<Pulse>,
        status: watch::Sender<Status>,
    ) -> Self {
        let database = status.borrow().database.clone();
        Self {
            machine: Machine::new(config.clone()),
            tasks: Tasks::new(store, (config.lease * 3).max(PATIENCE_MIN)),
            config,
            started: Instant::now(),
            sink: Slot::Ready(sink),
            owner: Uuid::nil(),
            lease: None,
            pages: Pages::new(),
            topics: Topics::new(),
            messages: MessageBuilder::new(source),
            intake: None,
            waiting: Waiting::default(),
            topic_at: Duration::ZERO,
            topic_attempts: 0,
            lost: BTreeSet::new(),
            asked: None,
            queue: VecDeque::new(),
            full: false,
            scratch: Vec::new(),
            again: false,
            deliveries: Vec::new(),
            answers: Vec::new(),
            causes: HashMap::new(),
            settling: None,
            transactions: None,
            room: Room::default(),
            delayed: Delayed::default(),
            idle: false,
            draining: false,
            stop_at: None,
            outage: None,
            answered_at: Duration::ZERO,
            database,
            meter: Meter::new(log.as_deref()),
            log,
            sending: Sending::default(),
            pulse,
            status,
        }
    }

    /// With transactions of the sink, where they are wanted.
    pub(super) fn with_transactions(mut self, calls: Option<Calls<K>>) -> Self {
        self.transactions = calls.map(Transactions::new);
        self
    }

    /// Runs to the orderly stop, or to an error that needs a person.
    pub(super) async fn run(mut self, shutdown: impl Future<Output = ()>) -> Result<(), RelayError> {
        let lag = LagWatch::start(self.tasks.store(), self.log.as_deref());
        let result = self.drive(shutdown).await;
        drop(lag);
        // An operation under way is let finish; its answer matters to nobody any more.
        let _ = tokio::time::timeout(CLOSE, self.tasks.finish()).await;
        self.sink.close(CLOSE).await;
        if let (Err(_), Some(lease)) = (&result, self.lease) {
            self.tasks.give_back(&lease, CLOSE).await;
        }
        result
    }

    async fn drive(&mut self, shutdown: impl Future<Output = ()>) -> Result<(), RelayError> {
        let mut shutdown = pin!(shutdown);
        let mut commits = crate::wake::subscribe();
        let store = self.tasks.store();
        let mut actions = Vec::new();
        self.started = Instant::now();
        loop {
            self.pulse.beat();
            self.machine.poll(self.now(), &mut actions);
            for action in actions.drain(..) {
                if action == Action::Stop {
                    return Ok(());
                }
                self.perform(action);
            }
            self.take_in();
            self.publish();
            if !self.answers.is_empty() {
                self.hand_over_answers();
                continue;
            }
            if std::mem::take(&mut self.again) {
                continue;
            }
            self.make_room();
            self.move_due();
            self.report();
            let now = self.now();
            if self.stop_at.is_some_and(|at| now >= at) {
                tracing::warn!(
                    "the relay stops without an answer of the database; what was in flight is published again"
                );
                return Ok(());
            }
            let deadline = self.deadline(now);
            let hint = self.idle;
            let in_flight = self.machine.in_flight() > 0;
            tokio::select! {
                biased;
                () = &mut shutdown, if !self.draining => {
                    self.draining = true;
                    self.stop_at = Some(now + self.config.drain * 3);
                    self.machine.handle(now, Event::Shutdown);
                }
                done = self.tasks.next() => {
                    let done = done.map_err(|what| RelayError::Panicked { what })?;
                    self.outcome(done)?;
                }
                event = self.sink.next(in_flight, &mut self.deliveries) => {
                    self.sink_event(event)?;
                    // The sink may always have an answer: let the tasks of this thread run as well.
                    tokio::task::yield_now().await;
                }
                Ok(()) = commits.changed() => self.machine.handle(now, Event::Wake),
                () = store.wait(), if hint => {
                    self.idle = false;
                    self.machine.handle(now, Event::Wake);
                }
                () = tokio::time::sleep_until(self.started + deadline) => {}
            }
        }
    }

    fn perform(&mut self, action: Action) {
        let now = self.now();
        match (action, self.lease) {
            (Action::Acquire { fresh }, _) => {
                if fresh {
                    self.owner = Uuid::now_v7();
                }
                self.tasks.acquire(now, self.owner, self.config.lease);
            }
            (Action::Load, Some(lease)) if self.transactions.is_some() => self.ask_position(lease),
            (Action::Load, Some(lease)) => self.tasks.load(lease),
            (Action::Read { limit }, Some(lease)) => {
                if self.pages.rows_bytes > ROWS_BYTES_MAX {
                    // As if there were nothing: the rows have to go first (A7).
                    self.machine.handle(now, Event::Read { records: &[], done: true, more: false });
                } else if let Some(cursor) = self.pages.next.clone() {
                    self.meter.read_started();
                    self.tasks.read(lease, cursor, limit);
                }
            }
            (Action::Settle(plan), Some(lease)) if self.transactions.is_some() => self.prepare(lease, plan),
            (Action::Settle(plan), Some(lease)) => {
                let settle = self.settle(&plan);
                self.settling = Some(plan);
                self.tasks.settle(lease, settle);
            }
            (Action::Command, Some(lease)) => self.tasks.take_commands(lease),
            (Action::Skip(seq), Some(lease)) => match self.pages.position(seq) {
                Some(position) => self.tasks.skip(lease, seq, position),
                None => self.machine.handle(now, Event::Skipped { seq, gone: true }),
            },
            (Action::Renew, Some(lease)) => self.tasks.renew(now, lease, self.config.lease),
            (Action::Release, Some(lease)) => self.tasks.release(lease),
            (Action::Commit(plan), Some(_)) => self.commit(&plan),
            (Action::Rebuild, _) => {
                self.drop_unanswered();
                self.meter.producer_restarted();
                self.sink.rebuild();
                self.topics_lost();
            }
            (Action::Begin, Some(lease)) => {
                self.drop_unanswered();
                if self.machine.is_running() {
                    self.meter.producer_restarted();
                }
                self.begin(lease);
                self.topics_lost();
            }
            // The machine asks for these only while it has the lease; a stop ends the loop before.
            (
                Action::Load
                | Action::Read { .. }
                | Action::Settle(_)
                | Action::Begin
                | Action::Commit(_)
                | Action::Command
                | Action::Skip(_)
                | Action::Renew
                | Action::Release,
                None,
            ) => {}
            (Action::Stop, _) => {}
        }
    }

    /// The producer goes, and what it has not answered with it.
    fn drop_unanswered(&mut self) {
        self.queue.clear();
        self.full = false;
        self.deliveries.clear();
        self.asked = None;
        self.sending.dropped();
        self.meter.drop_unflushed();
    }

    /// Numbers to positions, cursors and payloads.
    fn settle(&self, plan: &SettlePlan) -> Settle<S::Cursor> {
        let cursor = if plan.advances { self.pages.cursor(plan.upto, S::cursor_at) } else { None };
        let park = plan.park.iter().filter_map(|(seq, state)| {
            let (record, _) = self.pages.get(*seq)?;
            let cause = match state {
                ParkedState::Failed => self.causes.get(seq).map_or("refused by the sink", String::as_str),
                ParkedState::Auto if self.machine.waits(*seq) => {
                    "waits for its topic, which is missing or closed to us"
                }
                ParkedState::Auto => "follows an unfinished record of its key",
            };
            Some(ParkedRecord { record: record.clone(), state: *state, cause: cause.to_owned() })
        });
        let unpark = plan.unpark.iter().filter_map(|seq| self.pages.position(*seq)).collect();
        Settle { cursor, park: park.collect(), unpark }
    }

    /// Removes settled rows now and then, beside the hot path.
    fn make_room(&mut self) {
        // What the sink has not committed may be read again.
        if !self.machine.is_running() || self.draining || self.machine.is_committing() || !self.room.is_due(self.now())
        {
            return;
        }
        if let Some(lease) = self.lease {
            self.room.started();
            self.tasks.make_room(lease);
        }
    }

    /// Moves delayed records that are due into the log.
    fn move_due(&mut self) {
        if !self.machine.is_running() || self.draining || !self.delayed.is_due(self.now()) {
            return;
        }
        if let Some(lease) = self.lease {
            self.delayed.started(self.started.elapsed());
            self.tasks.move_due(lease);
        }
    }

    fn deadline(&self, now: Duration) -> Duration {
        let mut deadline = self.machine.wake_at().unwrap_or(now + IDLE).min(now + IDLE);
        deadline = self.stop_at.map_or(deadline, |at| deadline.min(at));
        if self.full {
            deadline = deadline.min(now + FULL_PAUSE);
        }
        if self.topic_at > now {
            deadline = deadline.min(self.topic_at);
        }
        let waiting = self.waiting.wake_at().filter(|at| *at > now);
        [self.room.wake_at(now), self.delayed.wake_at(now), waiting].into_iter().flatten().fold(deadline, Duration::min)
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Tells watchers what changed, and people about an outage once.
    fn report(&mut self) {
        let silent = self.silence();
        let is_silent = silent.is_some();
        if let Some(cause) = silent {
            self.note_outage(None, cause);
        }
        if self.outage.is_some()
            && !is_silent
            && !self.machine.is_outage()
            && self.topic_attempts == 0
            && !self.topics.any_away()
            && !self.waiting.any_refused()
            && !self.machine.is_fruitless()
        {
            self.outage = None;
            tracing::info!("the sink is back; publishing goes on where it stopped");
        }
        let (published, in_flight) = (self.machine.published(), self.machine.in_flight());
        let epoch = self.lease.map_or(0, |lease| lease.epoch);
        let state = match &self.outage {
            _ if self.draining => RelayState::Draining,
            // An owner that cannot begin is away as well.
            None if !self.machine.is_running() => RelayState::Standby,
            Some(_) if self.lease.is_none() => RelayState::Standby,
            Some((topic, cause)) => RelayState::Outage { topic: topic.clone(), cause: cause.clone() },
            None => RelayState::Running,
        };
        let parked = self.machine.parked();
        let database = self.database.clone();
        let status = Status { state, published, parked, in_flight, epoch, database };
        let modified = self.status.send_if_modified(|shown| {
            let modified = *shown != status;
            *shown = status;
            modified
        });
        if modified {
            self.meter.parked(parked);
        }
    }

    /// Why nothing is answered, if that lasts: with the broker away, what is in flight waits in the producer.
    fn silence(&mut self) -> Option<String> {
        let now = self.now();
        // A sink that is away, looking up a topic, hears no answers.
        if self.machine.in_flight() == 0 || !self.sink.is_ready() {
            self.answered_at = now;
        }
        let Slot::Ready(sink) = &self.sink else { return None };
        if now < self.answered_at + SILENCE {
            return None;
        }
        let trouble = sink.trouble().map_or(String::new(), |trouble| format!(" (last seen: {trouble})"));
        Some(format!(
            "the brokers have not answered for {} s{trouble}; check that they run and let us in",
            SILENCE.as_secs()
        ))
    }

    /// Notes an outage; says so once.
    fn note_outage(&mut self, topic: Option<String>, cause: String) {
        if self.outage.is_none() {
            let topic = topic.as_deref().unwrap_or("all topics");
            tracing::warn!(topic, %cause, "publishing pauses: the sink is away; nothing is lost, it is tried again");
        }
        self.outage = Some((topic, cause));
    }

    /// What the sink gave.
    fn sink_event(&mut self, event: slot::SinkEvent) -> Result<(), RelayError> {
        match event {
            slot::SinkEvent::Topic(result) => {
                self.still_there(&result)?;
                self.topic_answered(result);
            }
            slot::SinkEvent::Position(result) => {
                self.still_there(&result)?;
                self.position_answered(result)?;
            }
            slot::SinkEvent::Committed(result) => {
                self.still_there(&result)?;
                self.commit_answered(result);
            }
            slot::SinkEvent::Deliveries => {
                self.full = false;
                self.answered_at = self.now();
                self.take_deliveries();
            }
            slot::SinkEvent::Rebuilt(result) => {
                self.still_there(&result)?;
                let outcome = result.map_err(|error| {
                    self.meter.failed(error.class);
                    self.note_outage(None, error.message);
                    error.class
                });
                self.machine.handle(self.now(), Event::Rebuilt(outcome));
            }
        }
        Ok(())
    }

    fn still_there<T>(&self, result: &Result<T, SinkError>) -> Result<(), RelayError> {
        match result {
            Err(error) if self.sink.is_gone() => Err(RelayError::Panicked { what: error.message.clone() }),
            _ => Ok(()),
        }
    }
}
