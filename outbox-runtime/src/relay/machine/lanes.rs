//! Partitions as the machine sees them: what is in flight, and whether the new producer is proven there (rule 6).

use std::collections::VecDeque;

use super::Seq;
use super::silence::Silence;

/// One (topic, partition).
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// This producer has had an acknowledgement here.
    pub(super) proven: bool,
    /// Sent, not answered.
    pub(super) in_flight: usize,
    /// Records of the log that wait until the first one is acknowledged, in order.
    pub(super) held: VecDeque<Seq>,
    /// A batch was rejected here: all in flight are suspects.
    pub(super) rejected: bool,
    pub(super) silence: Silence,
    /// It is gone: nobody waits for its answers.
    is_gone: bool,
}

/// What a look at all lanes has found.
#[derive(Debug, Default)]
pub(super) struct Silent {
    /// Those that are gone.
    pub(super) gone: Vec<u32>,
    /// Some say nothing, and so may the whole broker.
    pub(super) unclear: bool,
}

/// All lanes of one producer, by dense number.
#[derive(Debug, Default)]
pub(super) struct Lanes(Vec<Lane>);

impl Lanes {
    pub(super) fn get(&mut self, lane: u32) -> &mut Lane {
        let index = lane as usize;
        if index >= self.0.len() {
            self.0.resize_with(index + 1, Lane::default);
        }
        self.0.get_mut(index).expect("the vector was just made long enough")
    }

    /// A new producer: nothing proven, nothing in flight.
    pub(super) fn reset(&mut self) {
        for lane in &mut self.0 {
            lane.silence.ends();
            *lane = Lane { silence: lane.silence, ..Lane::default() };
        }
    }

    /// A look at those with records in flight. Where a new producer tells whether the broker is there, `strikes`.
    pub(super) fn silent(&mut self, heard: bool, strikes: bool) -> Silent {
        let mut silent = Silent::default();
        for (index, lane) in (0..).zip(&mut self.0).filter(|(_, lane)| lane.in_flight > 0) {
            if !lane.silence.look(heard) {
                continue;
            }
            if lane.silence.is_its_own() {
                lane.silence.is_gone();
                lane.is_gone = true;
                silent.gone.push(index);
            } else if strikes {
                lane.silence.strike();
                silent.unclear = true;
            }
        }
        silent
    }

    /// In flight outside of the lanes with a rejection, and of those that are gone.
    pub(super) fn in_flight_elsewhere(&self) -> usize {
        self.0.iter().filter(|lane| !lane.rejected && !lane.is_gone).map(|lane| lane.in_flight).sum()
    }

    pub(super) fn is_rejected(&self, lane: u32) -> bool {
        self.0.get(lane as usize).is_some_and(|lane| lane.rejected)
    }
}
