//! Decisions of a run, from a seed.

use std::borrow::Cow;

use outbox::Event;
use outbox::event::BoxError;

use super::Failure;

/// An event with a number; some fail to encode.
pub(crate) struct Step {
    pub(crate) id: i64,
    pub(crate) broken: bool,
}

impl Event for Step {
    fn name(&self) -> &'static str {
        "test.step"
    }
    fn version(&self) -> u32 {
        1
    }

    fn topic(&self) -> Cow<'_, str> {
        Cow::Borrowed("test")
    }

    fn key(&self) -> Option<Vec<u8>> {
        Some(self.id.to_string().into_bytes())
    }

    fn encode(&self) -> Result<Option<Vec<u8>>, BoxError> {
        if self.broken { Err("broken on purpose".into()) } else { Ok(None) }
    }
}

/// The same for the same seed.
pub(crate) struct Tape {
    random: fastrand::Rng,
    ids: i64,
    /// No failures on half of the tapes, so that bodies are seen whole.
    calm: bool,
}

impl Tape {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), ids: 0, calm: seed.is_multiple_of(2) }
    }

    /// An event with the next number.
    pub(crate) fn step(&mut self) -> Step {
        let broken = !self.calm && self.random.u8(..) < 8;
        Step { id: self.id(), broken }
    }

    /// The next number.
    pub(crate) fn id(&mut self) -> i64 {
        self.ids += 1;
        self.ids
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.random.bool()
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.random.usize(..end)
    }

    pub(crate) fn steps(&mut self, most: usize) -> Vec<Step> {
        let count = self.below(most + 1);
        (0..count).map(|_| self.step()).collect()
    }

    pub(crate) fn fallible(&mut self) -> Result<i64, Failure> {
        if !self.calm && self.random.u8(..) < 24 { Err(Failure::OnPurpose) } else { Ok(self.id()) }
    }
}
