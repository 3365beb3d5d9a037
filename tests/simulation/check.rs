//! The promises, checked on what the broker has and what the table holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use outbox_runtime::store::ParkedState;

use crate::node::{Node, SLOTS, WINDOW};
use crate::world::World;

/// A2 and A4, after every step: nothing that was not committed; the first delivery of a record comes
/// after those of all earlier records of its key, except for those that were skipped by then.
pub(crate) fn order(world: &World) -> Result<(), String> {
    let log = &world.db.log;
    let mut seen = BTreeSet::new();
    let mut last: HashMap<u64, usize> = HashMap::new();
    for record in &world.broker.landed {
        let Some(found) = log.get(*record) else { return Err(format!("A2: {record} was never committed")) };
        // A copy of a skipped record may still have been on its way, from a relay that is gone.
        let is_new = seen.insert(*record);
        if world.exactly_once && !is_new {
            return Err(format!("A5: a `read_committed` consumer has {record} twice"));
        }
        let is_first = is_new && !world.db.meta.skipped.contains(record);
        let Some(key) = found.key.filter(|_| is_first) else { continue };
        if let Some(before) = last.insert(key, *record).filter(|before| before > record) {
            return Err(format!("A4: key {key}: {record} came first after {before}"));
        }
        let unfinished =
            |at: &usize| log[*at].key == Some(key) && !seen.contains(at) && !world.db.meta.skipped.contains(at);
        if let Some(stuck) = (0..*record).find(unfinished) {
            return Err(format!("A4: key {key}: {record} came although {stuck} before it is unfinished"));
        }
    }
    Ok(())
}

/// A5 and rule 12, after every step: what a fault of this relay could make it send again.
pub(crate) fn exposure(node: &Node) -> Result<(), String> {
    let exposed = node.sent_end.saturating_sub(node.machine.settled_end());
    if exposed > WINDOW {
        return Err(format!("A5: {exposed} records are sent and not settled, the window is {WINDOW}"));
    }
    Ok(())
}

/// Nothing is left to do: the log is settled, and every automatic row stands behind a failed one of its key.
pub(crate) fn finished(world: &World) -> bool {
    let parked = &world.db.meta.parked;
    open_command(world).is_none()
        && world.broker.position.as_ref().is_none_or(|position| position.cursor == world.db.meta.cursor)
        && world.db.meta.cursor >= world.db.log.len()
        && parked.keys().all(|row| is_stuck(world, parked, *row))
}

/// A command that nothing stands in the way of. A record that is tried again waits for the failed ones before it.
fn open_command(world: &World) -> Option<usize> {
    let parked = &world.db.meta.parked;
    let waits = |at: usize| parked.get(&at) == Some(&ParkedState::Auto) && is_stuck(world, parked, at);
    world.db.meta.marks.iter().find(|(at, skip)| **skip || !waits(**at)).map(|(at, _)| *at)
}

fn is_stuck(world: &World, parked: &BTreeMap<usize, ParkedState>, row: usize) -> bool {
    let record = &world.db.log[row];
    let failed = |at: usize| parked.get(&at) == Some(&ParkedState::Failed);
    if failed(row) {
        return record.poison || record.oversize;
    }
    record.key.is_some() && (0..row).any(|at| failed(at) && world.db.log[at].key == record.key)
}

/// A3, A5, A6 once the faults have stopped.
pub(crate) fn at_the_end(world: &mut World) -> Result<(), String> {
    order(world)?;
    let landed: BTreeSet<_> = world.broker.landed.iter().copied().collect();
    let parked = world.db.meta.parked.clone();
    if world.db.meta.cursor < world.db.log.len() {
        return Err(format!("A6: the cursor stands at {} of {}", world.db.meta.cursor, world.db.log.len()));
    }
    if let Some(at) = open_command(world) {
        return Err(format!("A6: the command about {at} is never executed"));
    }
    for at in 0..world.db.log.len() {
        if parked.contains_key(&at) {
            if world.db.meta.skipped.contains(&at) {
                return Err(format!("rule 16: {at} was skipped, and is parked again"));
            }
            if !is_stuck(world, &parked, at) {
                return Err(format!("A6: {at} stays {:?} for no reason: {:?}", parked[&at], world.db.log[at]));
            }
        } else if !landed.contains(&at) && !world.db.meta.skipped.contains(&at) {
            return Err(format!("A3: {at} is lost: {:?}", world.db.log[at]));
        }
    }
    let summary = &mut world.summary;
    summary.aborted = world.broker.aborted;
    summary.skipped = world.db.meta.skipped.len();
    summary.delivered = landed.len();
    summary.duplicates = world.broker.landed.len() - landed.len();
    summary.failed = parked.values().filter(|state| **state == ParkedState::Failed).count();
    summary.followers = parked.len() - summary.failed;
    let bound = summary.faults * (WINDOW as usize + SLOTS) + summary.unsettled;
    if summary.duplicates > bound {
        return Err(format!("A5: {} duplicates, at most {bound} for {} faults", summary.duplicates, summary.faults));
    }
    Ok(())
}
