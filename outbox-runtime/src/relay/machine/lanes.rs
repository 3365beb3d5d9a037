//! Partitions as the machine sees them: what is in flight, and whether the new producer is proven there (rule 6).

use std::collections::VecDeque;

use super::Seq;

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
        self.0.fill_with(Lane::default);
    }

    /// In flight outside of the lanes with a rejection.
    pub(super) fn in_flight_elsewhere(&self) -> usize {
        self.0.iter().filter(|lane| !lane.rejected).map(|lane| lane.in_flight).sum()
    }

    pub(super) fn is_rejected(&self, lane: u32) -> bool {
        self.0.get(lane as usize).is_some_and(|lane| lane.rejected)
    }
}
