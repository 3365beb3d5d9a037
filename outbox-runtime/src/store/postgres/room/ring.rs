//! One turn of the ring: rows go on to an empty slot when theirs is full, and a slot that is settled is emptied.
//!
//! The relay moves rows on, so the ring never wraps into rows that are unread: they stay where they are, and where no slot
//! is empty those that come are put behind them until one is, or until a slot was added (M2). Nobody waits for that.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::PgExecutor;

use super::plan::{self, Slot};
use super::truncate::Outcome;
use super::{GaveUp, grow, truncate};
use crate::qualify::LogPool;
use crate::store::postgres::error::classify;
use crate::store::postgres::layout::{Found, slot_of};
use crate::store::postgres::lease;
use crate::store::postgres::low::LowWater;
use crate::store::postgres::options::Options;
use crate::store::{Lease, StoreError};

/// Slots that the tables are made with.
const SLOTS_FIRST: i16 = 4;
/// Each takes part in a read of all; the map has room for 256.
const SLOTS_MAX: usize = 64;
/// Before a slot that could not be had is tried again: at first, and at most.
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// The same where that held it for long.
const PAUSE_LARGE: Duration = Duration::from_secs(60);

/// What is remembered between two turns.
#[derive(Debug, Default)]
pub(super) struct Ring(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Slots that could not be had: when to try again, and the pause after that.
    later: HashMap<i16, (Instant, Duration)>,
    /// Added slots, and the transactions that may not know them.
    young: HashMap<i16, Vec<String>>,
    /// Added slots that every transaction knows.
    known: HashSet<i16>,
    /// Our role may not add slots.
    cannot_grow: bool,
}

impl Ring {
    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock, and each entry alone is valid.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One turn; about how many rows were removed.
pub(super) async fn turn(
    pool: &LogPool,
    found: &Found,
    low: &LowWater,
    ring: &Ring,
    options: &Options,
    lease: &Lease,
) -> Result<u64, StoreError> {
    let (place, slots) = survey(pool, lease).await?;
    look_at_young(pool, ring, &slots).await?;
    let gone_on = go_on(pool, found, low, ring, options, lease, (place, &slots)).await;
    // Also where that failed, as on a full disk: room is what is missing then.
    let place = *gone_on.as_ref().unwrap_or(&place);
    for slot in plan::to_empty(&slots, slot_of(place), options) {
        if ring.state().later.get(&slot.slot).is_some_and(|(at, _)| *at > Instant::now()) {
            continue;
        }
        match truncate::attempt(pool, lease, slot).await? {
            Outcome::Emptied(rows) => {
                tracing::debug!(slot = slot.slot, rows, "a slot of the log was emptied");
                ring.state().later.remove(&slot.slot);
                if rows > 0 {
                    return gone_on.map(|_| rows);
                }
            }
            Outcome::NotYet => {}
            Outcome::NotOurs => return Err(lease::refused(pool, lease).await),
            Outcome::TooLarge => {
                ring.state().later.insert(slot.slot, (Instant::now() + PAUSE_LARGE, PAUSE_MIN));
            }
            Outcome::Refused => {
                let mut state = ring.state();
                let pause = state.later.get(&slot.slot).map_or(PAUSE_MIN, |(_, pause)| (*pause * 2).min(PAUSE_MAX));
                state.later.insert(slot.slot, (Instant::now() + pause, pause));
            }
        }
    }
    gone_on.map(|_| 0)
}

/// Moves rows on to an empty slot when theirs is full, or adds one; where they go from now on.
async fn go_on(
    pool: &LogPool,
    found: &Found,
    low: &LowWater,
    ring: &Ring,
    options: &Options,
    lease: &Lease,
    (place, slots): (i64, &[Slot]),
) -> Result<i64, StoreError> {
    if !plan::is_full(slots, slot_of(place), options) {
        return Ok(place);
    }
    let usable = |slot| slot < SLOTS_FIRST || ring.state().known.contains(&slot);
    match plan::next_empty(slots, slot_of(place), usable) {
        Some(next) => {
            let moved = advance(pool, lease, slot_of(place), next).await.map_err(classify)?;
            low.moved_from(place);
            match moved {
                Some(place) => Ok(place),
                None => Err(lease::refused(pool, lease).await),
            }
        }
        None if plan::is_too_full(slots, slot_of(place), options) => {
            grow(pool, found, ring, slots).await.map(|()| place)
        }
        None => Ok(place),
    }
}

/// Where rows go, and all slots, if the log is ours.
async fn survey(pool: &LogPool, lease: &Lease) -> Result<(i64, Vec<Slot>), StoreError> {
    let rows = select(pool, lease).await.map_err(classify)?;
    let Some((place, ..)) = rows.first() else {
        return Err(lease::refused(pool, lease).await);
    };
    let slots = rows.iter().map(|(_, slot, bytes, seconds)| Slot {
        slot: *slot,
        bytes: u64::try_from(*bytes).unwrap_or_default(),
        filled_for: Duration::try_from_secs_f64(*seconds).unwrap_or_default(),
    });
    Ok((*place, slots.collect()))
}

/// Adds a slot.
async fn grow(pool: &LogPool, found: &Found, ring: &Ring, slots: &[Slot]) -> Result<(), StoreError> {
    let next = slots.iter().map(|slot| slot.slot).max().unwrap_or(0) + 1;
    if slots.len() >= SLOTS_MAX || ring.state().cannot_grow || !ring.state().young.is_empty() {
        return Ok(());
    }
    match super::shielded(grow::add(pool.clone(), next)).await? {
        Ok(()) => {
            tracing::info!(slot = next, "the log has grown by a slot: all others hold records");
            found.refresh(pool).await?;
        }
        Err(GaveUp::Forbidden) => {
            tracing::warn!(
                "the log's slots are all in use, and this role may not add one: the log's owner may, or more records \
                 share a slot until one is empty"
            );
            ring.state().cannot_grow = true;
        }
        Err(GaveUp::Busy | GaveUp::TooLong) => {}
    }
    Ok(())
}

/// An added slot is used once every transaction is over that may not know it: one that has locked the log before it was
/// added, and is still writing. Its rows would find no slot.
async fn look_at_young(pool: &LogPool, ring: &Ring, slots: &[Slot]) -> Result<(), StoreError> {
    let added = || slots.iter().map(|slot| slot.slot).filter(|slot| *slot >= SLOTS_FIRST);
    if added().all(|slot| ring.state().known.contains(&slot)) {
        return Ok(());
    }
    let writers = grow::writers(pool).await.map_err(classify)?;
    let mut state = ring.state();
    for slot in added().filter(|slot| !state.known.contains(slot)).collect::<Vec<_>>() {
        let before = state.young.entry(slot).or_insert_with(|| writers.clone());
        if !before.iter().any(|writer| writers.contains(writer)) {
            state.young.remove(&slot);
            state.known.insert(slot);
        }
    }
    Ok(())
}

/// Rows go to slot `next` from here on, and `filled` is filled; where they go, or `None` when the log is not ours. The
/// cursor's row is locked, so that no former owner moves them any more once another has the log.
async fn advance(executor: impl PgExecutor<'_>, lease: &Lease, filled: i16, next: i16) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "WITH g AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
         c AS MATERIALIZED (
             SELECT FROM g, outbox_cursor c, outbox_incarnation i
             WHERE c.one AND c.epoch = $1 AND c.owner = $2 AND i.id = $3 FOR NO KEY UPDATE OF c),
         filled AS (
             INSERT INTO outbox_slot (slot, filled_at) SELECT $4, clock_timestamp() FROM c
             ON CONFLICT (slot) DO UPDATE SET filled_at = excluded.filled_at)
         SELECT setval('outbox_log_slot_seq',
                       ((coalesce(pg_sequence_last_value('outbox_log_slot_seq'), 0) >> 8) + 1 << 8) | $5)
         FROM c",
    )
    .bind(lease.epoch)
    .bind(lease.owner)
    .bind(lease.incarnation)
    .bind(filled)
    .bind(i64::from(next))
    .fetch_optional(executor)
    .await
}

/// Where rows go; a row for each slot: its number, bytes on disk (0: no page of rows), seconds since it was filled.
async fn select(executor: impl PgExecutor<'_>, lease: &Lease) -> sqlx::Result<Vec<(i64, i16, i64, f64)>> {
    sqlx::query_as(
        "SELECT coalesce(pg_sequence_last_value('outbox_log_slot_seq'), 0), t.slot,
                CASE WHEN pg_relation_size(t.oid) > 0 THEN pg_total_relation_size(t.oid) ELSE 0 END,
                coalesce(extract(epoch FROM clock_timestamp() - s.filled_at)::float8, 1e9)
         FROM outbox_cursor c, outbox_incarnation i, (
             SELECT l.oid, substring(l.relname FROM '[0-9]+$')::smallint AS slot
             FROM pg_catalog.pg_inherits JOIN pg_catalog.pg_class l ON l.oid = inhrelid
             WHERE inhparent = 'outbox_log'::regclass) t
         LEFT JOIN outbox_slot s ON s.slot = t.slot
         WHERE c.one AND c.epoch = $1 AND c.owner = $2 AND i.id = $3
         ORDER BY t.slot",
    )
    .bind(lease.epoch)
    .bind(lease.owner)
    .bind(lease.incarnation)
    .fetch_all(executor)
    .await
}
